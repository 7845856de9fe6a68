#pragma once

#include <memory>

#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// A subject with complex tensors as one of real pairs: [...] complex becomes [..., 2], the real
/// part before the imaginary one, and so does a complex output. In these coordinates LibTorch's
/// gradient of a real f, ∂f/∂Re z + i ∂f/∂Im z (the conjugate Wirtinger derivative, twice), is the
/// gradient of f, so that all that holds of real tensors holds of these. Returns `subject` itself
/// where it has no complex tensor. Throws SubjectError where half precision holds one.
std::unique_ptr<Subject> in_real_pairs(std::unique_ptr<Subject> subject);

}  // namespace gradient_check
