#pragma once

#include <ATen/core/ivalue.h>

#include <functional>
#include <string>
#include <vector>

#include "gradient_check/subject/outputs.h"
#include "gradient_check/subject/program/compiled_program.h"

namespace gradient_check {

/// The tensors that a program's forward returns: one, or several as a tuple or a list.
class ProgramOutputs {
 public:
  /// One tensor.
  ProgramOutputs() = default;
  /// Runs a forward that returns several at `tensors`, to see which can be differentiated. Throws
  /// SubjectError where none can.
  ProgramOutputs(const CompiledFunction& forward, const NamedTensors& tensors);

  /// The same for any forward, and what its outputs are called as far as known.
  ProgramOutputs(const std::function<std::vector<at::Tensor>(const NamedTensors&)>& forward,
                 const NamedTensors& tensors, std::vector<std::string> names);

  /// Whether what has that type is a tensor, or a tuple or list of tensors.
  static bool are_tensors(const c10::TypePtr& type);

  bool several() const { return several_; }
  /// How a function that returns several is looked at as one that returns one.
  const Outputs& outputs() const { return outputs_; }
  /// What they are called, in their order: the variable, or "output 1".
  const std::vector<std::string>& names() const { return names_; }
  /// One tensor out of what the forward returned.
  at::Tensor joined(const c10::IValue& returned) const;
  at::Tensor joined(const std::vector<at::Tensor>& returned) const;

 private:
  bool several_ = false;
  Outputs outputs_;
  std::vector<std::string> names_;
};

}  // namespace gradient_check
