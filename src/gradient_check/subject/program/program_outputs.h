#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gradient_check/subject/outputs.h"

namespace gradient_check {

/// The tensors that a program's forward returns: one, or several as a tuple or a list.
class ProgramOutputs {
 public:
  /// One tensor.
  ProgramOutputs() = default;
  /// Runs a forward that returns several at `tensors`, to see which can be differentiated. `names`:
  /// what its outputs are called, as far as known. Throws SubjectError where none can.
  ProgramOutputs(const std::function<std::vector<at::Tensor>(const NamedTensors&)>& forward,
                 const NamedTensors& tensors, std::vector<std::string> names);

  bool several() const { return several_; }
  /// How a function that returns several is looked at as one that returns one.
  const Outputs& outputs() const { return outputs_; }
  /// What they are called, in their order: the variable, or "output 1".
  const std::vector<std::string>& names() const { return names_; }
  /// One tensor out of what the forward returned.
  at::Tensor joined(const std::vector<at::Tensor>& returned) const;

 private:
  bool several_ = false;
  Outputs outputs_;
  std::vector<std::string> names_;
};

}  // namespace gradient_check
