#include <cmath>

#include "gradient_check/python/modules/table.h"
#include "gradient_check/python/runtime/complex_number.h"

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

}  // namespace

void add_number_methods(Class& type) {
  constexpr NativeRow rows[] = {{"conjugate", number_conjugate},
                                {"is_integer", number_is_integer},
                                {"bit_length", number_bit_length}};
  add_methods(type, rows);
  type.attributes->set("real", make<Property>(make<Builtin>("real", number_real)));
  type.attributes->set("imag", make<Property>(make<Builtin>("imag", number_imag)));
}

}  // namespace gradient_check::python
