#pragma once

#include <memory>
#include <optional>

#include "gradient_check/subject/cpp/autograd_function.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// The function as a subject: `manual` is its own backward, the reference LibTorch's derivative of
/// its forward. Null where that forward is not differentiable by LibTorch. Throws SubjectError
/// where no tensor requires a gradient, or no output does.
std::unique_ptr<Subject> make_function_subject(const AutogradFunction& function);

/// The same with its own backward as the reference too, so that finite differences alone judge it:
/// for a function whose forward is a kernel that LibTorch cannot differentiate.
std::unique_ptr<Subject> make_kernel_subject(const AutogradFunction& function);

/// What is wrong with how a backward keeps LibTorch's contract, beside its numbers.
struct BrokenContract {
  enum class Kind { gradient_count, gradient_shape, undefined_gradient };
  Kind kind;
  std::string message;
  std::string subject;  ///< the argument or output it is about
};

/// Calls the backward once as training would, and with undefined gradients for outputs that nothing
/// depends on, which count as zeros (gradcheck's check_undefined_grad).
std::optional<BrokenContract> broken_contract(const AutogradFunction& function);

}  // namespace gradient_check
