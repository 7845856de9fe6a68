#pragma once

#include <string>
#include <vector>

#include "gradient_check/subject/cpp/autograd_function.h"

namespace gradient_check {

/// One call of a function on copies of `values`, recorded by autograd from those in `wanted`. The
/// caller's tensors are never written to.
class FunctionCall {
 public:
  FunctionCall(const AutogradFunction::Call& call, const NamedTensors& values,
               const std::vector<std::string>& wanted);

  const std::vector<at::Tensor>& outputs() const { return outputs_; }
  /// The outputs that a gradient flows from.
  std::vector<at::Tensor> differentiable_outputs() const;
  /// The gradients of the wanted tensors, undefined where the backward returns none.
  std::vector<at::Tensor> gradients(const std::vector<at::Tensor>& of,
                                    const std::vector<at::Tensor>& cotangents) const;
  /// The arguments that the function wrote to and returned, as mark_dirty allows.
  std::vector<std::string> returned_in_place() const;

 private:
  NamedTensors arguments_;
  std::vector<at::Tensor> leaves_, outputs_;
  std::vector<std::int64_t> versions_;  ///< of the arguments before the call
};

}  // namespace gradient_check
