#pragma once

#include <functional>

#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// A differentiable forward in C++ over named tensors.
using ForwardFunction = std::function<at::Tensor(const NamedTensors& tensors)>;
/// A hand-written backward: the gradient of each tensor it knows, by name, for a cotangent of the
/// forward's output.
using BackwardFunction =
    std::function<NamedTensors(const NamedTensors& tensors, const at::Tensor& grad_output)>;

/// C++ functions as a subject. Floating tensors that the backward returns a gradient for are
/// checked; those in `parameters` must have one. A null backward checks autograd alone.
class FunctionSubject : public Subject {
 public:
  FunctionSubject(ForwardFunction forward, BackwardFunction backward, NamedTensors parameters,
                  NamedTensors inputs)
      : forward_(std::move(forward)),
        backward_(std::move(backward)),
        parameters_(std::move(parameters)),
        inputs_(std::move(inputs)) {}

  const NamedTensors& parameters() const override { return parameters_; }
  const NamedTensors& inputs() const override { return inputs_; }
  at::Tensor forward(const NamedTensors& values) const override { return forward_(values); }
  bool has_manual() const override { return static_cast<bool>(backward_); }
  bool takes_grad_output() const override { return true; }
  ManualResult manual(const NamedTensors& values, const at::Tensor& grad_output) const override {
    return {forward_(values), backward_(values, grad_output)};
  }

 private:
  ForwardFunction forward_;
  BackwardFunction backward_;
  NamedTensors parameters_, inputs_;
};

}  // namespace gradient_check
