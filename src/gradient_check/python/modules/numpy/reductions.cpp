#include "gradient_check/python/runtime/array/reduction.h"

#include <ATen/ops/argmax.h>
#include <ATen/ops/argmin.h>
#include <ATen/ops/div.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/sub.h>

#include <algorithm>

#include "gradient_check/python/modules/numpy/numpy_table.h"
#include "gradient_check/python/runtime/operators.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check::python {
namespace {

/// The result, or `out` with the result written_result into it.
Value written_result(const Value& result, const Value& out) {
  if (!out.is_set() || out.is_none()) return result;
  Array* target = as_array(out);
  if (!target) type_error("output must be an array");
  target->tensor.copy_(as_array(result)->tensor);
  return out;
}

bool is_true(Interpreter& interpreter, const Value& value) {
  return value.is_set() && truth(interpreter, value);
}

/// sum, prod, max, min, any and all.
Value by_ufunc(Interpreter& interpreter, const char* name, const char* ufunc,
               const Arguments& arguments) {
  const Parameters parameters(
      name, "a, axis=, out_or_dtype=, out_=, keepdims=, initial=, where=, dtype=, out=", arguments);
  const UfuncRow& row = *find_ufunc(ufunc);
  const auto type = to_array_dtype(parameters.has(7) ? parameters[7] : Value());
  const at::Tensor a = to_array(interpreter, parameters[0]);
  if (parameters.has(6))
    raise(ErrorKind::NotImplementedError, "where= is not supported here: index with the mask");
  Value result =
      reduced(interpreter, row, a, parameters[1], type, is_true(interpreter, parameters[4]));
  if (parameters.has(5) && !parameters[5].is_none())
    result = result_value(apply_binary(row, ufunc_operand(interpreter, result),
                                       ufunc_operand(interpreter, parameters[5])));
  return written_result(result, parameters[8]);
}
Value numpy_sum(Interpreter& interpreter, const Arguments& arguments) {
  return by_ufunc(interpreter, "sum", "add", arguments);
}
Value numpy_prod(Interpreter& interpreter, const Arguments& arguments) {
  return by_ufunc(interpreter, "prod", "multiply", arguments);
}
Value numpy_max(Interpreter& interpreter, const Arguments& arguments) {
  return by_ufunc(interpreter, "max", "maximum", arguments);
}
Value numpy_min(Interpreter& interpreter, const Arguments& arguments) {
  return by_ufunc(interpreter, "min", "minimum", arguments);
}
Value numpy_any(Interpreter& interpreter, const Arguments& arguments) {
  return by_ufunc(interpreter, "any", "logical_or", arguments);
}
Value numpy_all(Interpreter& interpreter, const Arguments& arguments) {
  return by_ufunc(interpreter, "all", "logical_and", arguments);
}

std::int64_t count_over(const at::Tensor& tensor, const std::vector<std::int64_t>& axes) {
  std::int64_t count = 1;
  for (const std::int64_t axis : axes) count *= tensor.size(axis);
  return count;
}

/// The mean with its axes kept.
at::Tensor mean_over(const at::Tensor& tensor, const std::vector<std::int64_t>& axes) {
  const auto count = static_cast<double>(count_over(tensor, axes));
  if (tensor.scalar_type() == at::kHalf)
    return mean_over(tensor.to(at::kFloat), axes).to(at::kHalf);
  return at::div(sum_over(tensor, axes), count);
}

at::Tensor real_operand(Interpreter& interpreter, const Value& a, const Value& dtype) {
  const at::Tensor tensor = to_array(interpreter, a);
  const auto type = to_array_dtype(dtype);
  if (type) return tensor.to(*type);
  return category(tensor.scalar_type()) < 2 ? tensor.to(at::kDouble) : tensor;
}

Value finished_reduction(Interpreter& interpreter, const at::Tensor& result,
                         const std::vector<std::int64_t>& axes, const Value& keepdims,
                         const Value& out) {
  return written_result(
      result_value(is_true(interpreter, keepdims) ? result : without_axes(result, axes)), out);
}

Value numpy_mean(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("mean", "a, axis=, dtype=, out=, keepdims=", arguments);
  return guarded([&] {
    const at::Tensor a = real_operand(interpreter, parameters[0], parameters[2]);
    const auto axes = to_axes(interpreter, parameters[1], a.dim());
    return finished_reduction(interpreter, mean_over(a, axes), axes, parameters[4], parameters[3]);
  });
}

Value numpy_spread(Interpreter& interpreter, const char* name, bool as_root,
                   const Arguments& arguments) {
  const Parameters parameters(name, "a, axis=, dtype=, out=, ddof=, keepdims=", arguments);
  return guarded([&] {
    const at::Tensor a = real_operand(interpreter, parameters[0], parameters[2]);
    const auto axes = to_axes(interpreter, parameters[1], a.dim());
    const at::Tensor off = at::sub(a, mean_over(a, axes));
    const double freedom = parameters.has(4) ? parameters.real(4) : 0;
    const double count = static_cast<double>(count_over(a, axes)) - freedom;
    at::Tensor result = at::div(sum_over(at::mul(off, off), axes), std::max(count, 0.0));
    if (as_root) result = result.sqrt();
    return finished_reduction(interpreter, result, axes, parameters[5], parameters[3]);
  });
}
Value numpy_var(Interpreter& interpreter, const Arguments& arguments) {
  return numpy_spread(interpreter, "var", false, arguments);
}
Value numpy_std(Interpreter& interpreter, const Arguments& arguments) {
  return numpy_spread(interpreter, "std", true, arguments);
}

Value extreme_place(Interpreter& interpreter, const char* name, bool is_maximum,
                    const Arguments& arguments) {
  const Parameters parameters(name, "a, axis=, out=, *, keepdims=", arguments);
  return guarded([&] {
    at::Tensor a = to_array(interpreter, parameters[0]);
    if (a.scalar_type() == at::kBool) a = a.to(at::kByte);
    if (a.numel() == 0) value_error("attempt to get {} of an empty sequence", name);
    const bool keeps = is_true(interpreter, parameters[3]);
    if (!parameters[1].is_set() || parameters[1].is_none()) {
      a = a.reshape({-1});
      return result_value(is_maximum ? at::argmax(a) : at::argmin(a));
    }
    const std::int64_t axis = checked_axis(parameters.integer(1), a.dim());
    return result_value(is_maximum ? at::argmax(a, axis, keeps) : at::argmin(a, axis, keeps));
  });
}
Value numpy_argmax(Interpreter& interpreter, const Arguments& arguments) {
  return extreme_place(interpreter, "argmax", true, arguments);
}
Value numpy_argmin(Interpreter& interpreter, const Arguments& arguments) {
  return extreme_place(interpreter, "argmin", false, arguments);
}

/// cumsum and cumprod: one element after the other.
Value running_result(Interpreter& interpreter, const char* name, const char* ufunc,
                     const Arguments& arguments) {
  const Parameters parameters(name, "a, axis=, dtype=, out=", arguments);
  return guarded([&] {
    at::Tensor a = to_array(interpreter, parameters[0]);
    const auto type = to_array_dtype(parameters[2]);
    if (type || category(a.scalar_type()) < 2) a = a.to(type.value_or(at::kLong));
    const bool is_flat = !parameters[1].is_set() || parameters[1].is_none();
    if (is_flat) a = a.reshape({-1});
    const std::int64_t axis = is_flat ? 0 : checked_axis(parameters.integer(1), a.dim());
    at::Tensor result = a.clone();
    const UfuncRow& row = *find_ufunc(ufunc);
    for (std::int64_t i = 1; i < a.size(axis); ++i)
      result.select(axis, i).copy_(row.binary(result.select(axis, i - 1), a.select(axis, i)));
    return written_result(array_value(result), parameters[3]);
  });
}
Value numpy_cumsum(Interpreter& interpreter, const Arguments& arguments) {
  return running_result(interpreter, "cumsum", "add", arguments);
}
Value numpy_cumprod(Interpreter& interpreter, const Arguments& arguments) {
  return running_result(interpreter, "cumprod", "multiply", arguments);
}

constexpr NativeRow reduction_rows[] = {
    {"sum", numpy_sum},       {"prod", numpy_prod},     {"max", numpy_max},
    {"amax", numpy_max},      {"min", numpy_min},       {"amin", numpy_min},
    {"any", numpy_any},       {"all", numpy_all},       {"mean", numpy_mean},
    {"var", numpy_var},       {"std", numpy_std},       {"argmax", numpy_argmax},
    {"argmin", numpy_argmin}, {"cumsum", numpy_cumsum}, {"cumprod", numpy_cumprod},
};

}  // namespace

std::span<const NativeRow> numpy_reductions() { return reduction_rows; }

}  // namespace gradient_check::python
