#include <ATen/ops/abs.h>
#include <ATen/ops/acos.h>
#include <ATen/ops/acosh.h>
#include <ATen/ops/asin.h>
#include <ATen/ops/asinh.h>
#include <ATen/ops/atan.h>
#include <ATen/ops/atanh.h>
#include <ATen/ops/bitwise_not.h>
#include <ATen/ops/ceil.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/cosh.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/exp2.h>
#include <ATen/ops/expm1.h>
#include <ATen/ops/floor.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/isinf.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/log.h>
#include <ATen/ops/log10.h>
#include <ATen/ops/log1p.h>
#include <ATen/ops/log2.h>
#include <ATen/ops/logical_not.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/neg.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/reciprocal.h>
#include <ATen/ops/round.h>
#include <ATen/ops/sign.h>
#include <ATen/ops/signbit.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/sinh.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/tan.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/trunc.h>

#include <cmath>
#include <limits>
#include <map>
#include <numbers>

#include "gradient_check/python/runtime/array/ufunc.h"

namespace gradient_check::python {
namespace {

using at::Tensor;

constexpr double no_identity = std::numeric_limits<double>::quiet_NaN();

Tensor unary_cbrt(const Tensor& x) { return at::mul(at::sign(x), at::pow(at::abs(x), 1.0 / 3)); }

// clang-format off
#define GRADIENT_CHECK_OPERATORS(X) \
  X(exp, exp) X(log, log) X(log1p, log1p) X(expm1, expm1) X(log2, log2) X(log10, log10) \
  X(exp2, exp2) X(sin, sin) X(cos, cos) X(tan, tan) X(tanh, tanh) X(sinh, sinh) \
  X(cosh, cosh) X(arctan, atan) X(arcsin, asin) X(arccos, acos) X(arcsinh, asinh) \
  X(arccosh, acosh) X(arctanh, atanh)
// clang-format on

#define X(name, operation) \
  Tensor unary_##name(const Tensor& x) { return at::operation(x); }
GRADIENT_CHECK_OPERATORS(X)
#undef X

Tensor unary_sqrt(const Tensor& x) { return at::sqrt(x); }
Tensor unary_square(const Tensor& x) { return at::mul(x, x); }
Tensor unary_abs(const Tensor& x) { return x.scalar_type() == at::kBool ? x : at::abs(x); }
Tensor unary_negative(const Tensor& x) {
  if (x.scalar_type() == at::kBool)
    type_error(
        "The numpy boolean negative, the `-` operator, is not supported, use the `~` operator or "
        "the logical_not function instead.");
  return at::neg(x);
}
Tensor unary_positive(const Tensor& x) { return x.clone(); }
Tensor unary_sign(const Tensor& x) {
  return category(x.scalar_type()) == 2 ? at::sign(x).masked_fill_(at::isnan(x), no_identity)
                                        : at::sign(x);
}
Tensor unary_reciprocal(const Tensor& x) {
  if (category(x.scalar_type()) >= 2) return at::reciprocal(x);
  return at::reciprocal(x.to(at::kDouble)).trunc().to(x.scalar_type());
}
Tensor unary_floor(const Tensor& x) { return at::floor(x); }
Tensor unary_ceil(const Tensor& x) { return at::ceil(x); }
Tensor unary_trunc(const Tensor& x) { return at::trunc(x); }
Tensor unary_rint(const Tensor& x) { return at::round(x); }
Tensor unary_isnan(const Tensor& x) { return at::isnan(x); }
Tensor unary_isinf(const Tensor& x) { return at::isinf(x); }
Tensor unary_isfinite(const Tensor& x) { return at::isfinite(x); }
Tensor unary_signbit(const Tensor& x) { return at::signbit(x); }
Tensor unary_not(const Tensor& x) { return at::logical_not(x); }
Tensor unary_invert(const Tensor& x) {
  if (category(x.scalar_type()) >= 2)
    type_error(
        "ufunc 'invert' not supported for the input types, and the inputs could not be safely "
        "coerced to any supported types according to the casting rule ''safe''");
  return at::bitwise_not(x);
}
/// x * (180 / pi), as NumPy's rad2deg.
Tensor unary_degrees(const Tensor& x) { return at::mul(x, 180.0 / std::numbers::pi); }
Tensor unary_radians(const Tensor& x) { return at::mul(x, std::numbers::pi / 180.0); }

constexpr UfuncRow unary_rows[] = {
#define X(name, operation) {#name, UfuncTypes::real, unary_##name, nullptr, no_identity},
    GRADIENT_CHECK_OPERATORS(X)
#undef X
        {"cbrt", UfuncTypes::real, unary_cbrt, nullptr, no_identity},
    {"sqrt", UfuncTypes::real, unary_sqrt, nullptr, no_identity},
    {"square", UfuncTypes::any, unary_square, nullptr, no_identity},
    {"absolute", UfuncTypes::any, unary_abs, nullptr, no_identity},
    {"fabs", UfuncTypes::real, unary_abs, nullptr, no_identity},
    {"negative", UfuncTypes::any, unary_negative, nullptr, no_identity},
    {"positive", UfuncTypes::any, unary_positive, nullptr, no_identity},
    {"sign", UfuncTypes::any, unary_sign, nullptr, no_identity},
    {"reciprocal", UfuncTypes::any, unary_reciprocal, nullptr, no_identity},
    {"floor", UfuncTypes::real, unary_floor, nullptr, no_identity},
    {"ceil", UfuncTypes::real, unary_ceil, nullptr, no_identity},
    {"trunc", UfuncTypes::real, unary_trunc, nullptr, no_identity},
    {"rint", UfuncTypes::real, unary_rint, nullptr, no_identity},
    {"isnan", UfuncTypes::compared, unary_isnan, nullptr, no_identity},
    {"isinf", UfuncTypes::compared, unary_isinf, nullptr, no_identity},
    {"isfinite", UfuncTypes::compared, unary_isfinite, nullptr, no_identity},
    {"signbit", UfuncTypes::compared, unary_signbit, nullptr, no_identity},
    {"logical_not", UfuncTypes::bools, unary_not, nullptr, no_identity},
    {"invert", UfuncTypes::any, unary_invert, nullptr, no_identity},
    {"degrees", UfuncTypes::real, unary_degrees, nullptr, no_identity},
    {"radians", UfuncTypes::real, unary_radians, nullptr, no_identity},
};

}  // namespace

const UfuncRow* find_unary_ufunc(const std::string& name) {
  static const std::map<std::string, std::string> aliases{{"abs", "absolute"},
                                                          {"bitwise_not", "invert"},
                                                          {"rad2deg", "degrees"},
                                                          {"deg2rad", "radians"},
                                                          {"fix", "trunc"}};
  const auto alias = aliases.find(name);
  const std::string& wanted = alias == aliases.end() ? name : alias->second;
  for (const UfuncRow& row : unary_rows)
    if (wanted == row.name) return &row;
  return nullptr;
}

}  // namespace gradient_check::python
