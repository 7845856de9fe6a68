#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty_like.h>
#include <ATen/record_function.h>

#include "gradient_check/python/runtime/tensor/without_autograd.h"

namespace gradient_check::python {

/// Whether autograd or a recording of operations has to see what is computed from an array.
/// LibTorch's own operators stand in for NumPy's loops then, which round otherwise in the last
/// digit.
inline bool is_watched(const at::Tensor& tensor) {
  return records_gradient(tensor) || at::hasCallbacks();
}

/// f of every element, by the C library's functions, as NumPy computes. The result is contiguous.
template <typename Result, typename T, typename Function>
at::Tensor elementwise_as(const at::Tensor& operand, at::ScalarType type, const Function& f) {
  const at::Tensor from = operand.contiguous();
  at::Tensor to = at::empty_like(from, at::TensorOptions(type));
  const T* in = from.data_ptr<T>();
  Result* out = to.data_ptr<Result>();
  for (std::int64_t i = 0, n = from.numel(); i < n; ++i) out[i] = f(in[i]);
  return to;
}

template <typename Function>
at::Tensor elementwise(const at::Tensor& operand, const Function& f) {
  switch (operand.scalar_type()) {
    case at::kDouble:
      return elementwise_as<double, double>(operand, at::kDouble, f);
    case at::kFloat:
      return elementwise_as<float, float>(operand, at::kFloat, f);
    case at::kHalf:
      return elementwise_as<float, float>(operand.to(at::kFloat), at::kFloat, f).to(at::kHalf);
    default:
      return elementwise_as<double, double>(operand.to(at::kDouble), at::kDouble, f);
  }
}

/// The same of two operands, broadcast and of one type, which is T.
template <typename T, typename Function>
at::Tensor elementwise_pairs(const at::Tensor& left, const at::Tensor& right, const Function& f) {
  const at::Tensor a = left.contiguous(), b = right.contiguous();
  at::Tensor to = at::empty_like(a);
  const T *x = a.data_ptr<T>(), *y = b.data_ptr<T>();
  T* out = to.data_ptr<T>();
  for (std::int64_t i = 0, n = a.numel(); i < n; ++i) out[i] = f(x[i], y[i]);
  return to;
}

}  // namespace gradient_check::python
