#include <ATen/ops/add.h>
#include <ATen/ops/atan2.h>
#include <ATen/ops/bitwise_and.h>
#include <ATen/ops/bitwise_left_shift.h>
#include <ATen/ops/bitwise_or.h>
#include <ATen/ops/bitwise_right_shift.h>
#include <ATen/ops/bitwise_xor.h>
#include <ATen/ops/copysign.h>
#include <ATen/ops/div.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/fmax.h>
#include <ATen/ops/fmin.h>
#include <ATen/ops/fmod.h>
#include <ATen/ops/ge.h>
#include <ATen/ops/gt.h>
#include <ATen/ops/hypot.h>
#include <ATen/ops/le.h>
#include <ATen/ops/logaddexp.h>
#include <ATen/ops/logical_and.h>
#include <ATen/ops/logical_or.h>
#include <ATen/ops/logical_xor.h>
#include <ATen/ops/lt.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/ne.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/remainder.h>
#include <ATen/ops/sub.h>

#include <cmath>
#include <limits>
#include <map>

#include "gradient_check/python/runtime/array/ufunc.h"

namespace gradient_check::python {
namespace {

using at::Tensor;

constexpr double without_identity = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite_identity = std::numeric_limits<double>::infinity();

Tensor binary_add(const Tensor& a, const Tensor& b) {
  return a.scalar_type() == at::kBool ? at::logical_or(a, b) : at::add(a, b);
}
Tensor binary_subtract(const Tensor& a, const Tensor& b) {
  if (a.scalar_type() == at::kBool)
    type_error(
        "numpy boolean subtract, the `-` operator, is not supported, use the bitwise_xor, the `^` "
        "operator, or the logical_xor function instead.");
  return at::sub(a, b);
}
Tensor binary_multiply(const Tensor& a, const Tensor& b) {
  return a.scalar_type() == at::kBool ? at::logical_and(a, b) : at::mul(a, b);
}
Tensor binary_divide(const Tensor& a, const Tensor& b) { return at::div(a, b); }

/// For whole numbers: dividing by zero gives 0, with no more than a warning.
template <typename Divide>
Tensor divided_integers(const Tensor& a, const Tensor& b, const Divide& divide) {
  const Tensor zero = at::eq(b, 0);
  return divide(a, b.masked_fill(zero, 1)).masked_fill(zero, 0);
}

Tensor binary_floor_divide(const Tensor& a, const Tensor& b) {
  const auto divide = [](const Tensor& x, const Tensor& y) { return at::div(x, y, "floor"); };
  return category(a.scalar_type()) < 2 ? divided_integers(a, b, divide) : divide(a, b);
}
Tensor binary_remainder(const Tensor& a, const Tensor& b) {
  const auto divide = [](const Tensor& x, const Tensor& y) { return at::remainder(x, y); };
  return category(a.scalar_type()) < 2 ? divided_integers(a, b, divide) : divide(a, b);
}
Tensor binary_fmod(const Tensor& a, const Tensor& b) {
  const auto divide = [](const Tensor& x, const Tensor& y) { return at::fmod(x, y); };
  return category(a.scalar_type()) < 2 ? divided_integers(a, b, divide) : divide(a, b);
}

Tensor binary_power(const Tensor& a, const Tensor& b) {
  if (category(a.scalar_type()) < 2 && at::lt(b, 0).any().item().toBool())
    value_error("Integers to negative integer powers are not allowed.");
  return at::pow(a, b);
}
Tensor binary_arctan2(const Tensor& a, const Tensor& b) { return at::atan2(a, b); }
Tensor binary_hypot(const Tensor& a, const Tensor& b) { return at::hypot(a, b); }
Tensor binary_copysign(const Tensor& a, const Tensor& b) { return at::copysign(a, b); }
Tensor binary_logaddexp(const Tensor& a, const Tensor& b) { return at::logaddexp(a, b); }

Tensor binary_maximum(const Tensor& a, const Tensor& b) { return at::maximum(a, b); }
Tensor binary_minimum(const Tensor& a, const Tensor& b) { return at::minimum(a, b); }
Tensor binary_fmax(const Tensor& a, const Tensor& b) { return at::fmax(a, b); }
Tensor binary_fmin(const Tensor& a, const Tensor& b) { return at::fmin(a, b); }
Tensor binary_and(const Tensor& a, const Tensor& b) { return at::bitwise_and(a, b); }
Tensor binary_or(const Tensor& a, const Tensor& b) { return at::bitwise_or(a, b); }
Tensor binary_xor(const Tensor& a, const Tensor& b) { return at::bitwise_xor(a, b); }
Tensor binary_left_shift(const Tensor& a, const Tensor& b) { return at::bitwise_left_shift(a, b); }
Tensor binary_right_shift(const Tensor& a, const Tensor& b) {
  return at::bitwise_right_shift(a, b);
}
Tensor both_true(const Tensor& a, const Tensor& b) { return at::logical_and(a, b); }
Tensor either_true(const Tensor& a, const Tensor& b) { return at::logical_or(a, b); }
Tensor one_true(const Tensor& a, const Tensor& b) { return at::logical_xor(a, b); }
Tensor is_equal(const Tensor& a, const Tensor& b) { return at::eq(a, b); }
Tensor is_not_equal(const Tensor& a, const Tensor& b) { return at::ne(a, b); }
Tensor is_less(const Tensor& a, const Tensor& b) { return at::lt(a, b); }
Tensor is_less_equal(const Tensor& a, const Tensor& b) { return at::le(a, b); }
Tensor is_greater(const Tensor& a, const Tensor& b) { return at::gt(a, b); }
Tensor is_greater_equal(const Tensor& a, const Tensor& b) { return at::ge(a, b); }

constexpr UfuncRow binary_rows[] = {
    {"add", UfuncTypes::any, nullptr, binary_add, 0},
    {"subtract", UfuncTypes::any, nullptr, binary_subtract, without_identity},
    {"multiply", UfuncTypes::any, nullptr, binary_multiply, 1},
    {"divide", UfuncTypes::real, nullptr, binary_divide, without_identity},
    {"floor_divide", UfuncTypes::any, nullptr, binary_floor_divide, without_identity},
    {"remainder", UfuncTypes::any, nullptr, binary_remainder, without_identity},
    {"fmod", UfuncTypes::any, nullptr, binary_fmod, without_identity},
    {"power", UfuncTypes::any, nullptr, binary_power, without_identity},
    {"arctan2", UfuncTypes::real, nullptr, binary_arctan2, without_identity},
    {"hypot", UfuncTypes::real, nullptr, binary_hypot, 0},
    {"copysign", UfuncTypes::real, nullptr, binary_copysign, without_identity},
    {"logaddexp", UfuncTypes::real, nullptr, binary_logaddexp, -infinite_identity},
    {"maximum", UfuncTypes::any, nullptr, binary_maximum, without_identity},
    {"minimum", UfuncTypes::any, nullptr, binary_minimum, without_identity},
    {"fmax", UfuncTypes::any, nullptr, binary_fmax, without_identity},
    {"fmin", UfuncTypes::any, nullptr, binary_fmin, without_identity},
    {"bitwise_and", UfuncTypes::whole, nullptr, binary_and, -1},
    {"bitwise_or", UfuncTypes::whole, nullptr, binary_or, 0},
    {"bitwise_xor", UfuncTypes::whole, nullptr, binary_xor, 0},
    {"left_shift", UfuncTypes::whole, nullptr, binary_left_shift, without_identity},
    {"right_shift", UfuncTypes::whole, nullptr, binary_right_shift, without_identity},
    {"logical_and", UfuncTypes::bools, nullptr, both_true, 1},
    {"logical_or", UfuncTypes::bools, nullptr, either_true, 0},
    {"logical_xor", UfuncTypes::bools, nullptr, one_true, 0},
    {"equal", UfuncTypes::compared, nullptr, is_equal, without_identity},
    {"not_equal", UfuncTypes::compared, nullptr, is_not_equal, without_identity},
    {"less", UfuncTypes::compared, nullptr, is_less, without_identity},
    {"less_equal", UfuncTypes::compared, nullptr, is_less_equal, without_identity},
    {"greater", UfuncTypes::compared, nullptr, is_greater, without_identity},
    {"greater_equal", UfuncTypes::compared, nullptr, is_greater_equal, without_identity},
};

}  // namespace

const UfuncRow* find_binary_ufunc(const std::string& name) {
  static const std::map<std::string, std::string> aliases{{"true_divide", "divide"},
                                                          {"mod", "remainder"}};
  const auto alias = aliases.find(name);
  const std::string& wanted = alias == aliases.end() ? name : alias->second;
  for (const UfuncRow& row : binary_rows)
    if (wanted == row.name) return &row;
  return nullptr;
}

}  // namespace gradient_check::python
