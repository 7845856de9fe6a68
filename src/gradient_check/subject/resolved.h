#pragma once

#include <ATen/core/Tensor.h>

namespace gradient_check {

/// The tensor as plain memory holds it, which is what code that reads elements needs: zeros that
/// LibTorch has only noted (they have no storage), a conjugate or negative that it has only noted,
/// and sparse and other layouts are made. Differentiable; an undefined tensor stays undefined.
at::Tensor resolved(const at::Tensor& tensor);

}  // namespace gradient_check
