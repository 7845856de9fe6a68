#include <cmath>
#include <cstdint>

#include "gradient_check/python/runtime/complex_number.h"
#include "gradient_check/python/runtime/operators.h"
#include "gradient_check/python/runtime/raised.h"

namespace gradient_check::python {
namespace {

using ast::BinaryOperator;

std::int64_t integer_power(std::int64_t base, std::int64_t exponent) {
  std::int64_t result = 1;
  while (true) {
    if ((exponent & 1) && __builtin_mul_overflow(result, base, &result)) integer_overflow();
    if ((exponent >>= 1) == 0) return result;
    if (__builtin_mul_overflow(base, base, &base)) integer_overflow();
  }
}

std::int64_t floor_quotient(std::int64_t left, std::int64_t right) {
  if (right == -1 && left == INT64_MIN) integer_overflow();
  const std::int64_t quotient = left / right;
  return left % right != 0 && (left < 0) != (right < 0) ? quotient - 1 : quotient;
}

std::int64_t floor_remainder(std::int64_t left, std::int64_t right) {
  if (right == -1) return 0;
  const std::int64_t remainder = left % right;
  return remainder != 0 && (remainder < 0) != (right < 0) ? remainder + right : remainder;
}

std::int64_t shifted(std::int64_t left, std::int64_t by) {
  if (by < 0) value_error("negative shift count");
  if (left == 0) return 0;
  std::int64_t result;
  if (by > 62 || __builtin_mul_overflow(left, std::int64_t{1} << by, &result)) integer_overflow();
  return result;
}

double real_power(double base, double exponent) {
  if (base == 0 && exponent < 0)
    raise(ErrorKind::ZeroDivisionError, "0.0 cannot be raised to a negative power");
  const double result = std::pow(base, exponent);
  if (std::isinf(result) && std::isfinite(base) && std::isfinite(exponent))
    throw Raised(ErrorKind::OverflowError, "(34, 'Numerical result out of range')");
  return result;
}

/// Python's float %: the sign of the divisor. As in CPython's float_rem.
double real_remainder(double left, double right) {
  double remainder = std::fmod(left, right);
  if (remainder != 0) {
    if ((right < 0) != (remainder < 0)) remainder += right;
  } else {
    remainder = std::copysign(0.0, right);
  }
  return remainder;
}

/// As in CPython's _float_div_mod.
double real_floor_quotient(double left, double right) {
  double remainder = std::fmod(left, right);
  double quotient = (left - remainder) / right;
  if (remainder != 0 && (right < 0) != (remainder < 0)) quotient -= 1.0;
  if (quotient == 0) return std::copysign(0.0, left / right);
  const double floor = std::floor(quotient);
  return quotient - floor > 0.5 ? floor + 1.0 : floor;
}

[[noreturn]] void raise_zero_division(const char* message) {
  throw Raised(ErrorKind::ZeroDivisionError, message);
}

Value integers(BinaryOperator op, std::int64_t left, std::int64_t right) {
  std::int64_t result = 0;
  switch (op) {
    case BinaryOperator::Add:
      if (__builtin_add_overflow(left, right, &result)) integer_overflow();
      return Value::integer(result);
    case BinaryOperator::Sub:
      if (__builtin_sub_overflow(left, right, &result)) integer_overflow();
      return Value::integer(result);
    case BinaryOperator::Mult:
      if (__builtin_mul_overflow(left, right, &result)) integer_overflow();
      return Value::integer(result);
    case BinaryOperator::Div:
      if (right == 0) raise_zero_division("division by zero");
      return Value::real(static_cast<double>(left) / static_cast<double>(right));
    case BinaryOperator::FloorDiv:
      if (right == 0) raise_zero_division("integer division or modulo by zero");
      return Value::integer(floor_quotient(left, right));
    case BinaryOperator::Mod:
      if (right == 0) raise_zero_division("integer modulo by zero");
      return Value::integer(floor_remainder(left, right));
    case BinaryOperator::Pow:
      if (right < 0)
        return Value::real(real_power(static_cast<double>(left), static_cast<double>(right)));
      return Value::integer(integer_power(left, right));
    case BinaryOperator::LShift:
      return Value::integer(shifted(left, right));
    case BinaryOperator::RShift:
      if (right < 0) value_error("negative shift count");
      return Value::integer(left >> (right > 63 ? 63 : right));
    case BinaryOperator::BitOr:
      return Value::integer(left | right);
    case BinaryOperator::BitXor:
      return Value::integer(left ^ right);
    case BinaryOperator::BitAnd:
      return Value::integer(left & right);
    default:
      return {};
  }
}

Value reals(BinaryOperator op, double left, double right) {
  switch (op) {
    case BinaryOperator::Add:
      return Value::real(left + right);
    case BinaryOperator::Sub:
      return Value::real(left - right);
    case BinaryOperator::Mult:
      return Value::real(left * right);
    case BinaryOperator::Div:
      if (right == 0) raise_zero_division("float division by zero");
      return Value::real(left / right);
    case BinaryOperator::FloorDiv:
      if (right == 0) raise_zero_division("float floor division by zero");
      return Value::real(real_floor_quotient(left, right));
    case BinaryOperator::Mod:
      if (right == 0) raise_zero_division("float modulo");
      return Value::real(real_remainder(left, right));
    case BinaryOperator::Pow:
      if (left < 0 && std::isfinite(right) && std::floor(right) != right)
        return make<ComplexNumber>(std::pow(std::complex<double>(left), right));
      return Value::real(real_power(left, right));
    default:
      return {};
  }
}

/// Small whole exponents by repeated multiplication, as in CPython's c_powi.
std::complex<double> complex_power(std::complex<double> base, std::complex<double> exponent) {
  const double size = std::fabs(exponent.real());
  if (exponent.imag() != 0 || size > 100 || std::floor(size) != size)
    return std::pow(base, exponent);
  std::complex<double> result = 1, power = base;
  for (auto left = static_cast<int>(size); left > 0; left >>= 1, power *= power)
    if (left & 1) result *= power;
  return exponent.real() < 0 ? 1.0 / result : result;
}

Value complexes(BinaryOperator op, std::complex<double> left, std::complex<double> right) {
  switch (op) {
    case BinaryOperator::Add:
      return make<ComplexNumber>(left + right);
    case BinaryOperator::Sub:
      return make<ComplexNumber>(left - right);
    case BinaryOperator::Mult:
      return make<ComplexNumber>(left * right);
    case BinaryOperator::Div:
      if (right == 0.0) raise_zero_division("complex division by zero");
      return make<ComplexNumber>(left / right);
    case BinaryOperator::Pow:
      return make<ComplexNumber>(complex_power(left, right));
    default:
      return {};
  }
}

std::complex<double> as_complex(const Value& value) {
  const auto* number = value.get_if<ComplexNumber>();
  return number ? number->number : std::complex<double>(value.as_real());
}

bool is_bitwise(BinaryOperator op) {
  return op == BinaryOperator::BitAnd || op == BinaryOperator::BitOr ||
         op == BinaryOperator::BitXor;
}

}  // namespace

void integer_overflow() {
  raise_text(ErrorKind::OverflowError,
             "an integer beyond 64 bits is not supported: use a float, such as 2.0 ** 100");
}

Value binary_numbers(BinaryOperator op, const Value& left, const Value& right) {
  if (left.is_integral() && right.is_integral()) {
    const bool are_booleans = left.is(Kind::boolean) && right.is(Kind::boolean);
    Value result = integers(op, left.as_integer(), right.as_integer());
    return are_booleans && is_bitwise(op) ? Value::boolean(result.as_boolean()) : result;
  }
  if (left.is_number() && right.is_number()) return reals(op, left.as_real(), right.as_real());
  const auto is_any = [](const Value& value) {
    return value.is_number() || value.is(Kind::complex);
  };
  if (is_any(left) && is_any(right)) return complexes(op, as_complex(left), as_complex(right));
  return {};
}

}  // namespace gradient_check::python
