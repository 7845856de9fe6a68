#include "gradient_check/python/runtime/array/reduction.h"

#include <ATen/ops/all.h>
#include <ATen/ops/amax.h>
#include <ATen/ops/amin.h>
#include <ATen/ops/any.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/prod.h>
#include <ATen/ops/sum.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check::python {
namespace {

/// Any other ufunc, one slice after the other.
at::Tensor folded(const UfuncRow& row, at::Tensor tensor, const std::vector<std::int64_t>& axes) {
  for (const std::int64_t axis : axes) {
    if (tensor.size(axis) == 0) {
      if (std::isnan(row.identity))
        value_error("zero-size array to reduction operation {} which has no identity", row.name);
      std::vector<std::int64_t> shape = tensor.sizes().vec();
      shape[static_cast<std::size_t>(axis)] = 1;
      tensor = at::full(shape, row.identity, tensor.options());
      continue;
    }
    at::Tensor result = tensor.narrow(axis, 0, 1);
    for (std::int64_t i = 1; i < tensor.size(axis); ++i)
      result = row.binary(result, tensor.narrow(axis, i, 1));
    tensor = result;
  }
  return tensor;
}

at::Tensor extreme_over(const UfuncRow& row, const at::Tensor& tensor,
                        const std::vector<std::int64_t>& axes, bool is_maximum) {
  for (const std::int64_t axis : axes)
    if (tensor.size(axis) == 0)
      value_error("zero-size array to reduction operation {} which has no identity", row.name);
  if (axes.empty()) return tensor.clone();
  return is_maximum ? at::amax(tensor, axes, true) : at::amin(tensor, axes, true);
}

at::Tensor truth_over(at::Tensor tensor, const std::vector<std::int64_t>& axes, bool is_all) {
  tensor = tensor.to(at::kBool);
  for (const std::int64_t axis : axes)
    tensor = is_all ? at::all(tensor, axis, true) : at::any(tensor, axis, true);
  return tensor;
}

at::Tensor reduced_over(const UfuncRow& row, const at::Tensor& tensor,
                        const std::vector<std::int64_t>& axes, std::optional<at::ScalarType> type) {
  const std::string name = row.name;
  if (name == "logical_and" || name == "logical_or")
    return truth_over(tensor, axes, name == "logical_and");
  if (name == "add" || name == "multiply") {
    const bool widens = category(tensor.scalar_type()) < 2;
    const at::Tensor operand = tensor.to(type.value_or(widens ? at::kLong : tensor.scalar_type()));
    const at::Tensor result = name == "add" ? sum_over(operand, axes) : product_over(operand, axes);
    return result.to(operand.scalar_type());
  }
  const at::Tensor operand = type ? tensor.to(*type) : tensor;
  if (name == "maximum" || name == "minimum")
    return extreme_over(row, operand, axes, name == "maximum");
  return folded(row, operand, axes);
}

}  // namespace

std::vector<std::int64_t> to_axes(Interpreter& interpreter, const Value& axis,
                                  std::int64_t dimensions) {
  std::vector<std::int64_t> axes;
  if (!axis.is_set() || axis.is_none()) {
    for (std::int64_t i = 0; i < dimensions; ++i) axes.push_back(i);
    return axes;
  }
  if (axis.is(Kind::real)) type_error("'float' object cannot be interpreted as an integer");
  if (dimensions == 0 && !axis.is(Kind::tuple)) {
    const auto only = to_shape(interpreter, axis).front();
    if (only != 0 && only != -1) checked_axis(only, 0);
    return {};
  }
  for (const std::int64_t one : to_shape(interpreter, axis)) {
    const std::int64_t found = checked_axis(one, dimensions);
    if (std::find(axes.begin(), axes.end(), found) != axes.end())
      value_error("duplicate value in 'axis'");
    axes.push_back(found);
  }
  return axes;
}

at::Tensor sum_over(const at::Tensor& tensor, const std::vector<std::int64_t>& axes) {
  return axes.empty() ? tensor : at::sum(tensor, axes, true);
}
at::Tensor product_over(at::Tensor tensor, const std::vector<std::int64_t>& axes) {
  for (const std::int64_t axis : axes) tensor = at::prod(tensor, axis, true);
  return tensor;
}

at::Tensor without_axes(const at::Tensor& tensor, const std::vector<std::int64_t>& axes) {
  std::vector<std::int64_t> shape;
  for (std::int64_t i = 0; i < tensor.dim(); ++i)
    if (std::find(axes.begin(), axes.end(), i) == axes.end()) shape.push_back(tensor.size(i));
  return tensor.reshape(shape);
}

Value reduced(Interpreter& interpreter, const UfuncRow& row, const at::Tensor& tensor,
              const Value& axis, std::optional<at::ScalarType> type, bool keeps_dimensions) {
  return guarded([&] {
    const auto axes = to_axes(interpreter, axis, tensor.dim());
    const at::Tensor result = reduced_over(row, tensor, axes, type);
    return result_value(keeps_dimensions ? result : without_axes(result, axes));
  });
}

}  // namespace gradient_check::python
