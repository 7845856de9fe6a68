#pragma once

#include <ATen/core/Tensor.h>

namespace gradient_check {

/// float16 and bfloat16 as float32, in which LibTorch's own kernels work and add up: x² overflows
/// float16 from 256 on, and a sum of halves loses what is small beside it. Others as they are.
inline at::Tensor widened(const at::Tensor& tensor) {
  const at::ScalarType dtype = tensor.scalar_type();
  return dtype == at::kHalf || dtype == at::kBFloat16 ? tensor.to(at::kFloat) : tensor;
}

}  // namespace gradient_check
