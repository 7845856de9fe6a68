#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "gradient_check/python/modules/table.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/opaque.h"
#include "gradient_check/python/runtime/operators.h"
#include "gradient_check/python/runtime/tensor/tensor_call.h"

namespace gradient_check::python {
namespace {

double real_of(const Value& argument) {
  const Value value = argument.is(Kind::tensor) ? tensor_item(argument) : plain_number(argument);
  if (!value.is_number()) type_error("must be real number, not {}", type_name(value));
  return value.as_real();
}

double argument(const char* name, const Arguments& arguments, std::size_t count,
                std::size_t index) {
  if (arguments.count != count || arguments.keywords != 0)
    type_error("math.{}() takes exactly {} argument{} ({} given)", name,
               count == 1 ? "one" : std::to_string(count), count == 1 ? "" : "s", arguments.count);
  return real_of(arguments[index]);
}

/// Python raises where C gives NaN or infinity for a finite argument.
Value checked(double result, bool finite_arguments, bool infinity_is_range_error) {
  if (std::isnan(result) && finite_arguments) value_error("math domain error");
  if (std::isinf(result) && finite_arguments) {
    if (infinity_is_range_error) throw Raised(ErrorKind::OverflowError, "math range error");
    value_error("math domain error");
  }
  return Value::real(result);
}

struct Unary {
  const char* name;
  double (*function)(double);
  bool infinity_is_range_error;
};

template <const Unary& row>
Value unary_function(Interpreter&, const Arguments& arguments) {
  const double x = argument(row.name, arguments, 1, 0);
  return checked(row.function(x),
                 !std::isnan(x) && !(std::isinf(x) && !std::isnan(row.function(x))),
                 row.infinity_is_range_error);
}

// clang-format off
#define GRADIENT_CHECK_MATH(X)                                                              \
  X(sqrt, false) X(exp, true) X(expm1, true) X(log1p, false) X(sin, false) X(cos, false)    \
  X(tan, false) X(asin, false) X(acos, false) X(atan, false) X(sinh, true) X(cosh, true)    \
  X(tanh, false) X(asinh, false) X(acosh, false) X(atanh, false) X(erf, false)              \
  X(erfc, false) X(lgamma, true) X(cbrt, false) X(exp2, true)
// clang-format on

#define X(name, range) \
  constexpr Unary name##_row{#name, [](double x) { return std::name(x); }, range};
GRADIENT_CHECK_MATH(X)
#undef X

Value math_gamma(Interpreter&, const Arguments& arguments) {
  const double x = argument("gamma", arguments, 1, 0);
  return checked(std::tgamma(x), std::isfinite(x), x > 0);
}

double positive_log(double x, double (*log)(double)) {
  if (x <= 0) value_error("math domain error");
  return log(x);
}
Value math_log(Interpreter&, const Arguments& arguments) {
  if (arguments.count != 2)
    return Value::real(positive_log(argument("log", arguments, 1, 0), std::log));
  const double base = positive_log(real_of(arguments[1]), std::log);
  const double number = positive_log(real_of(arguments[0]), std::log);
  if (base == 0) throw Raised(ErrorKind::ZeroDivisionError, "float division by zero");
  return Value::real(number / base);
}
Value math_log2(Interpreter&, const Arguments& arguments) {
  return Value::real(positive_log(argument("log2", arguments, 1, 0), std::log2));
}
Value math_log10(Interpreter&, const Arguments& arguments) {
  return Value::real(positive_log(argument("log10", arguments, 1, 0), std::log10));
}
Value math_pow(Interpreter&, const Arguments& arguments) {
  const double x = argument("pow", arguments, 2, 0), y = argument("pow", arguments, 2, 1);
  if (x == 0 && y < 0) value_error("math domain error");
  return checked(std::pow(x, y), std::isfinite(x) && std::isfinite(y), true);
}
Value math_atan2(Interpreter&, const Arguments& arguments) {
  return Value::real(
      std::atan2(argument("atan2", arguments, 2, 0), argument("atan2", arguments, 2, 1)));
}
Value math_fmod(Interpreter&, const Arguments& arguments) {
  const double x = argument("fmod", arguments, 2, 0), y = argument("fmod", arguments, 2, 1);
  return checked(std::fmod(x, y), std::isfinite(x) && !std::isnan(y), false);
}
Value math_copysign(Interpreter&, const Arguments& arguments) {
  return Value::real(
      std::copysign(argument("copysign", arguments, 2, 0), argument("copysign", arguments, 2, 1)));
}
Value math_fabs(Interpreter&, const Arguments& arguments) {
  return Value::real(std::fabs(argument("fabs", arguments, 1, 0)));
}
Value math_hypot(Interpreter&, const Arguments& arguments) {
  double result = 0;
  for (std::size_t i = 0; i < arguments.count; ++i)
    result = std::hypot(result, real_of(arguments[i]));
  return Value::real(result);
}

template <double (*round)(double)>
Value rounded(Interpreter&, const Arguments& arguments) {
  const Value x = plain_number(Parameters("floor", "x, /", arguments)[0]);
  if (x.is_integral()) return Value::integer(x.as_integer());
  const double result = round(real_of(x));
  if (std::isnan(result)) value_error("cannot convert float NaN to integer");
  if (std::isinf(result))
    raise(ErrorKind::OverflowError, "cannot convert float infinity to integer");
  if (std::fabs(result) >= 9223372036854775808.0) integer_overflow();
  return Value::integer(static_cast<std::int64_t>(result));
}

Value math_isnan(Interpreter&, const Arguments& arguments) {
  return Value::boolean(std::isnan(argument("isnan", arguments, 1, 0)));
}
Value math_isinf(Interpreter&, const Arguments& arguments) {
  return Value::boolean(std::isinf(argument("isinf", arguments, 1, 0)));
}
Value math_isfinite(Interpreter&, const Arguments& arguments) {
  return Value::boolean(std::isfinite(argument("isfinite", arguments, 1, 0)));
}
Value math_isclose(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("isclose", "a, b, *, rel_tol=, abs_tol=", arguments);
  const double a = parameters.real(0), b = parameters.real(1);
  const double relative = parameters.has(2) ? parameters.real(2) : 1e-9;
  const double absolute = parameters.has(3) ? parameters.real(3) : 0;
  if (a == b) return Value::boolean(true);
  if (std::isinf(a) || std::isinf(b)) return Value::boolean(false);
  const double distance = std::fabs(a - b);
  return Value::boolean(distance <= std::fabs(relative * b) ||
                        distance <= std::fabs(relative * a) || distance <= absolute);
}

Value math_gcd(Interpreter&, const Arguments& arguments) {
  std::int64_t result = 0;
  for (std::size_t i = 0; i < arguments.count; ++i)
    result = std::gcd(result, arguments[i].as_integer());
  return Value::integer(result);
}
Value math_factorial(Interpreter& interpreter, const Arguments& arguments) {
  const std::int64_t n = Parameters("factorial", "n, /", arguments).integer(0);
  if (n < 0) value_error("factorial() not defined for negative values");
  Value result = Value::integer(1);
  for (std::int64_t i = 2; i <= n; ++i)
    result = binary(interpreter, ast::BinaryOperator::Mult, result, Value::integer(i));
  return result;
}
Value math_comb(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("comb", "n, k, /", arguments);
  const std::int64_t n = parameters.integer(0), k = parameters.integer(1);
  if (n < 0 || k < 0) value_error("n must be a non-negative integer");
  __int128 result = k > n ? 0 : 1;
  for (std::int64_t i = 1; i <= k && k <= n; ++i) {
    result = result * (n - k + i) / i;
    if (result > INT64_MAX) integer_overflow();
  }
  return Value::integer(static_cast<std::int64_t>(result));
}
Value math_isqrt(Interpreter&, const Arguments& arguments) {
  const std::int64_t n = Parameters("isqrt", "n, /", arguments).integer(0);
  if (n < 0) value_error("isqrt() argument must be nonnegative");
  auto root = static_cast<std::int64_t>(std::sqrt(static_cast<double>(n)));
  while (root * root > n) --root;
  while ((root + 1) * (root + 1) <= n) ++root;
  return Value::integer(root);
}
Value math_prod(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("prod", "iterable, /, *, start=", arguments);
  Value result = parameters.has(1) ? parameters[1] : Value::integer(1);
  for (const Value& element : elements_of(interpreter, parameters[0]))
    result = binary(interpreter, ast::BinaryOperator::Mult, result, element);
  return result;
}
/// Shewchuk's exact sum, as in CPython's math.fsum.
Value math_fsum(Interpreter& interpreter, const Arguments& arguments) {
  std::vector<double> partials;
  for (const Value& element :
       elements_of(interpreter, Parameters("fsum", "seq, /", arguments)[0])) {
    double x = real_of(element);
    std::size_t kept = 0;
    for (double y : partials) {
      if (std::fabs(x) < std::fabs(y)) std::swap(x, y);
      const double high = x + y, low = y - (high - x);
      if (low != 0) partials[kept++] = low;
      x = high;
    }
    partials.resize(kept);
    partials.push_back(x);
  }
  double sum = 0;
  for (std::size_t i = partials.size(); i-- > 0;) sum += partials[i];
  return Value::real(sum);
}
Value math_degrees(Interpreter&, const Arguments& arguments) {
  return Value::real(argument("degrees", arguments, 1, 0) * (180 / std::numbers::pi));
}
Value math_radians(Interpreter&, const Arguments& arguments) {
  return Value::real(argument("radians", arguments, 1, 0) * (std::numbers::pi / 180));
}

constexpr NativeRow math_rows[] = {
#define X(name, range) {#name, unary_function<name##_row>},
    GRADIENT_CHECK_MATH(X)
#undef X
        {"gamma", math_gamma},
    {"log", math_log},
    {"log2", math_log2},
    {"log10", math_log10},
    {"pow", math_pow},
    {"atan2", math_atan2},
    {"fmod", math_fmod},
    {"copysign", math_copysign},
    {"fabs", math_fabs},
    {"hypot", math_hypot},
    {"floor", rounded<std::floor>},
    {"ceil", rounded<std::ceil>},
    {"trunc", rounded<std::trunc>},
    {"isnan", math_isnan},
    {"isinf", math_isinf},
    {"isfinite", math_isfinite},
    {"isclose", math_isclose},
    {"gcd", math_gcd},
    {"factorial", math_factorial},
    {"comb", math_comb},
    {"isqrt", math_isqrt},
    {"prod", math_prod},
    {"fsum", math_fsum},
    {"degrees", math_degrees},
    {"radians", math_radians},
};

}  // namespace

void fill_math(Interpreter&, Module& module) {
  add_functions(module, math_rows);
  module.set("pi", Value::real(std::numbers::pi));
  module.set("e", Value::real(std::numbers::e));
  module.set("tau", Value::real(2 * std::numbers::pi));
  module.set("inf", Value::real(std::numeric_limits<double>::infinity()));
  module.set("nan", Value::real(std::numeric_limits<double>::quiet_NaN()));
}

}  // namespace gradient_check::python
