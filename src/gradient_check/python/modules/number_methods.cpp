#include <algorithm>
#include <bit>
#include <cmath>

#include "gradient_check/python/modules/table.h"
#include "gradient_check/python/runtime/complex_number.h"
#include "gradient_check/python/runtime/operators.h"
#include "gradient_check/python/runtime/sequence.h"

namespace gradient_check::python {
namespace {

Value number_real(Interpreter&, const Arguments& arguments) {
  const auto* number = arguments[0].get_if<ComplexNumber>();
  return number ? Value::real(number->number.real()) : arguments[0];
}
Value number_imag(Interpreter&, const Arguments& arguments) {
  const auto* number = arguments[0].get_if<ComplexNumber>();
  if (number) return Value::real(number->number.imag());
  return arguments[0].is(Kind::real) ? Value::real(0) : Value::integer(0);
}
Value number_conjugate(Interpreter&, const Arguments& arguments) {
  const auto* number = arguments[0].get_if<ComplexNumber>();
  return number ? Value(make<ComplexNumber>(std::conj(number->number))) : arguments[0];
}
Value number_is_integer(Interpreter&, const Arguments& arguments) {
  const double number = arguments[0].as_real();
  return Value::boolean(std::isfinite(number) && std::floor(number) == number);
}
Value number_bit_length(Interpreter&, const Arguments& arguments) {
  std::int64_t bits = 0;
  for (auto left = static_cast<std::uint64_t>(std::abs(arguments[0].as_integer())); left;
       left >>= 1)
    ++bits;
  return Value::integer(bits);
}

Value number_as_integer_ratio(Interpreter&, const Arguments& arguments) {
  const Value self = Parameters("as_integer_ratio", "self, /", arguments)[0];
  if (self.is_integral())
    return make<Tuple>(std::vector{Value::integer(self.as_integer()), Value::integer(1)});
  double number = self.as_real();
  if (!std::isfinite(number))
    raise(std::isnan(number) ? ErrorKind::ValueError : ErrorKind::OverflowError,
          "cannot convert {} to integer ratio", std::isnan(number) ? "NaN" : "Infinity");
  std::int64_t denominator = 1;
  while (std::floor(number) != number) {
    if (denominator > (std::int64_t{1} << 61)) integer_overflow();
    number *= 2;
    denominator *= 2;
  }
  if (std::fabs(number) >= 9223372036854775808.0) integer_overflow();
  return make<Tuple>(
      std::vector{Value::integer(static_cast<std::int64_t>(number)), Value::integer(denominator)});
}
Value number_bit_count(Interpreter&, const Arguments& arguments) {
  const std::int64_t number = arguments[0].as_integer();
  const auto size =
      number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
  return Value::integer(std::popcount(size));
}
Value number_to_bytes(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("to_bytes", "self, length=, byteorder=, *, signed=", arguments);
  const std::int64_t length = parameters.integer(1, 1), number = parameters.integer(0);
  const bool is_signed = parameters.has(3) && truth(interpreter, parameters[3]);
  if (number < 0 && !is_signed)
    raise_text(ErrorKind::OverflowError, "can't convert negative int to unsigned");
  if (length < 0 || length > 1000) value_error("length argument must be non-negative");
  std::string bytes;
  std::int64_t rest = number;
  for (std::int64_t i = 0; i < length; ++i, rest >>= 8) bytes += static_cast<char>(rest & 0xff);
  const bool fits = is_signed && length > 0 ? rest == (bytes.back() & 0x80 ? -1 : 0) : rest == 0;
  if (!fits) raise_text(ErrorKind::OverflowError, "int too big to convert");
  if (!parameters.has(2) || parameters.text(2) == "big") std::reverse(bytes.begin(), bytes.end());
  return make<Bytes>(std::move(bytes));
}

}  // namespace

void add_number_methods(Class& type) {
  constexpr NativeRow rows[] = {
      {"conjugate", number_conjugate},   {"is_integer", number_is_integer},
      {"bit_length", number_bit_length}, {"bit_count", number_bit_count},
      {"to_bytes", number_to_bytes},     {"as_integer_ratio", number_as_integer_ratio}};
  add_methods(type, rows);
  type.attributes->set("real", make<Property>(make<Builtin>("real", number_real)));
  type.attributes->set("imag", make<Property>(make<Builtin>("imag", number_imag)));
}

}  // namespace gradient_check::python
