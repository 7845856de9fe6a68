#pragma once

#include "gradient_check/subject/cpp/backward_function.h"
#include "gradient_check/subject/cpp/forward_function.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// C++ functions as a subject. Floating tensors that the backward returns a gradient for are
/// checked; those in `parameters` must have one. A null backward checks autograd alone.
class FunctionSubject : public Subject {
 public:
  /// Of several outputs, those that can be differentiated are looked at end to end: it calls the
  /// forward to see which. Throws SubjectError where none can.
  FunctionSubject(ForwardFunction forward, BackwardFunction backward, NamedTensors parameters,
                  NamedTensors inputs);

  const NamedTensors& parameters() const override { return parameters_; }
  const NamedTensors& inputs() const override { return inputs_; }
  at::Tensor forward(const NamedTensors& values) const override;
  bool has_manual() const override { return static_cast<bool>(backward_); }
  bool takes_grad_output() const override { return true; }
  std::optional<std::string> why_not_differentiable() const override {
    return outputs_.complaint();
  }
  ManualResult manual(const NamedTensors& values, const at::Tensor& grad_output) const override {
    return {forward(values), backward_(values, outputs_, grad_output)};
  }

 private:
  ForwardFunction forward_;
  BackwardFunction backward_;
  NamedTensors parameters_, inputs_;
  Outputs outputs_;
};

}  // namespace gradient_check
