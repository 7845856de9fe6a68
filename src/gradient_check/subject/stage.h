#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// A part of a subject that has a forward and a backward of its own: a layer, the loss. It takes
/// one tensor, the output of the stage before it or the subject's input.
struct Stage {
  std::string name;   ///< "2", as in its parameters' names; "loss"
  std::string label;  ///< "layer 2 (gelu)"
  Place place;
  std::vector<std::string> parameters;  ///< names of its parameters in the subject
  /// The output at `input`, with the parameters in `values`; differentiable by autograd.
  std::function<at::Tensor(const at::Tensor& input, const NamedTensors& values)> forward;
  /// The manual output and gradients for a cotangent of the output's shape: of the parameters under
  /// their names, and of the input as "input", where it takes one.
  std::function<ManualResult(const at::Tensor& input, const NamedTensors& values,
                             const at::Tensor& grad_output)>
      manual;
};

}  // namespace gradient_check
