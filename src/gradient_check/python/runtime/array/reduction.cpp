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

#include "gradient_check/python/runtime/array/elementwise.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check::python {
namespace {

/// As NumPy's pairwise_sum: eight running sums in blocks of 128, halves above that.
template <typename T>
T pairwise_sum(const T* x, std::int64_t n) {
  if (n < 8) {
    T sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += x[i];
    return sum;
  }
  if (n > 128) {
    std::int64_t half = n / 2;
    half -= half % 8;
    return pairwise_sum(x, half) + pairwise_sum(x + half, n - half);
  }
  T r[8];
  std::copy_n(x, 8, r);
  std::int64_t i = 8;
  for (; i < n - n % 8; i += 8)
    for (int k = 0; k < 8; ++k) r[k] += x[i + k];
  T sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
  for (; i < n; ++i) sum += x[i];
  return sum;
}

struct ArraySum {
  template <typename T>
  static T row(T before, const T* x, std::int64_t n) {
    return before + pairwise_sum(x, n);
  }
  template <typename T>
  static T one(T before, T x) {
    return before + x;
  }
};
struct ArrayProduct {
  template <typename T>
  static T row(T before, const T* x, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) before *= x[i];
    return before;
  }
  template <typename T>
  static T one(T before, T x) {
    return before * x;
  }
};

/// One loop of the reduction, outermost first; neighbours that lie in a row in memory are one loop.
struct ReductionLoop {
  std::int64_t size, stride;
  bool is_reduced;
  std::int64_t result_stride = 0;
};

std::vector<ReductionLoop> loops_over(const at::Tensor& tensor,
                                      const std::vector<std::int64_t>& axes,
                                      const at::Tensor& result) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(tensor.dim()));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return tensor.stride(a) > tensor.stride(b);
  });
  std::vector<ReductionLoop> loops;
  for (const std::int64_t axis : order) {
    if (tensor.size(axis) == 1) continue;
    const bool is_reduced = std::find(axes.begin(), axes.end(), axis) != axes.end();
    const ReductionLoop loop{tensor.size(axis), tensor.stride(axis), is_reduced,
                             is_reduced ? 0 : result.stride(axis)};
    if (!loops.empty() && loops.back().is_reduced == is_reduced &&
        loops.back().stride == loop.stride * loop.size &&
        loops.back().result_stride == loop.result_stride * loop.size)
      loops.back() = {loops.back().size * loop.size, loop.stride, is_reduced, loop.result_stride};
    else
      loops.push_back(loop);
  }
  if (loops.empty()) loops.push_back({1, 1, true, 0});
  return loops;
}

template <typename Operation, typename T>
void run_loops(const std::vector<ReductionLoop>& loops, std::size_t depth, const T* from, T* to) {
  const ReductionLoop& loop = loops[depth];
  if (depth + 1 < loops.size()) {
    for (std::int64_t i = 0; i < loop.size; ++i)
      run_loops<Operation>(loops, depth + 1, from + i * loop.stride, to + i * loop.result_stride);
    return;
  }
  if (!loop.is_reduced) {
    for (std::int64_t i = 0; i < loop.size; ++i) {
      T& result = to[i * loop.result_stride];
      result = Operation::one(result, from[i * loop.stride]);
    }
    return;
  }
  std::vector<T> row;
  if (loop.stride != 1) {
    for (std::int64_t i = 0; i < loop.size; ++i) row.push_back(from[i * loop.stride]);
    from = row.data();
  }
  *to = Operation::row(*to, from, loop.size);
}

template <typename Operation, typename T>
at::Tensor typed_loops(const at::Tensor& tensor, const std::vector<std::int64_t>& axes, T start) {
  std::vector<std::int64_t> shape = tensor.sizes().vec();
  for (const std::int64_t axis : axes) shape[static_cast<std::size_t>(axis)] = 1;
  at::Tensor result = at::full(shape, start, at::TensorOptions(tensor.scalar_type()));
  if (tensor.numel() == 0) return result;
  run_loops<Operation>(loops_over(tensor, axes, result), 0, tensor.data_ptr<T>(),
                       result.data_ptr<T>());
  return result;
}

template <typename Operation>
at::Tensor reduced_loops(const at::Tensor& tensor, const std::vector<std::int64_t>& axes,
                         double start) {
  switch (tensor.scalar_type()) {
    case at::kDouble:
      return typed_loops<Operation, double>(tensor, axes, start);
    case at::kFloat:
      return typed_loops<Operation, float>(tensor, axes, static_cast<float>(start));
    case at::kHalf:
      return typed_loops<Operation, float>(tensor.to(at::kFloat), axes, static_cast<float>(start))
          .to(at::kHalf);
    case at::kComplexDouble:
    case at::kComplexFloat:
      return at::sum(tensor, axes, true);
    default:
      return typed_loops<Operation, std::int64_t>(tensor.to(at::kLong), axes,
                                                  static_cast<std::int64_t>(start));
  }
}

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
  if (!is_watched(tensor)) return reduced_loops<ArraySum>(tensor, axes, 0);
  return axes.empty() ? tensor : at::sum(tensor, axes, true);
}
at::Tensor product_over(const at::Tensor& tensor, const std::vector<std::int64_t>& axes) {
  if (!is_watched(tensor)) return reduced_loops<ArrayProduct>(tensor, axes, 1);
  at::Tensor product = tensor;
  for (const std::int64_t axis : axes) product = at::prod(product, axis, true);
  return product;
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
