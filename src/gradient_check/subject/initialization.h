#pragma once

#include <ATen/core/Tensor.h>

namespace gradient_check {

// Each draws from LibTorch's default CPU generator what torch.nn.init draws for that dtype.
// float16 and bfloat16 are drawn in float32 and rounded.

/// Uniform on [low, high).
at::Tensor draw_uniform(at::IntArrayRef sizes, double low, double high, at::ScalarType dtype);
/// Normal with that mean and standard deviation.
at::Tensor draw_normal(at::IntArrayRef sizes, double mean, double std, at::ScalarType dtype);
/// Uniform on ±1/√fan_in: what kaiming_uniform_(a=√5) amounts to in torch.nn.Linear and Conv, for
/// weights and biases alike.
at::Tensor draw_fan_in(at::IntArrayRef sizes, std::int64_t fan_in, at::ScalarType dtype);

}  // namespace gradient_check
