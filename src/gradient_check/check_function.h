#pragma once

#include "gradient_check/check.h"
#include "gradient_check/subject/cpp/autograd_function.h"

namespace gradient_check {

/// Checks a subclass of torch::autograd::Function: what LibTorch's Python has as
/// torch.autograd.gradcheck, and its C++ lacks. The backward is held against finite differences
/// and, where F::forward consists of LibTorch's operations, against LibTorch's derivative of it. A
/// wrong number of gradients, gradients of another shape, and a backward that minds undefined
/// gradients are findings.
CaseResult check(const AutogradFunction& function, const FunctionCheckOptions& options = {});

}  // namespace gradient_check
