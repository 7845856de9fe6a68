#pragma once

#include <ATen/core/Tensor.h>

namespace gradient_check {

/// Whether two tensors have the same dtype, shape and values, NaN among them.
bool equal_values(const at::Tensor& a, const at::Tensor& b);

}  // namespace gradient_check
