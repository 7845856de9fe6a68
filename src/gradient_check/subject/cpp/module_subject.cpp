#include "gradient_check/subject/cpp/module_subject.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>

#include <algorithm>
#include <mutex>

#include "gradient_check/subject/cpp/autograd_node.h"
#include "gradient_check/subject/cpp/outputs.h"

namespace gradient_check {
namespace {

using Tensors = std::vector<at::Tensor>;

/// Ties an evaluation of the module, whose parameters are its own tensors, to the tensors that the
/// evaluation is asked at: the gradients of the ones are those of the others.
class ModuleBackward : public torch::autograd::Node {
 public:
  ModuleBackward(at::Tensor output, Tensors leaves)
      : output_(std::move(output)), leaves_(std::move(leaves)) {}
  torch::autograd::variable_list apply(torch::autograd::variable_list&& grad_outputs) override {
    return torch::autograd::grad({output_}, leaves_, {grad_outputs[0]}, true, false, true);
  }

 private:
  at::Tensor output_;
  Tensors leaves_;
};

class ModuleSubject : public Subject {
 public:
  ModuleSubject(const ModuleCall& call, BackwardFunction backward)
      : call_(call), backward_(std::move(backward)) {
    for (const auto& each : call.module->named_parameters())
      if (each.value().defined() && each.value().requires_grad()) {
        parameters_.set(each.key(), each.value().detach().clone());
        own_.set(each.key(), each.value());
      }
    for (const auto& each : call.module->named_parameters())
      if (each.value().defined() && !each.value().requires_grad()) note_fixed(each.value());
    for (const auto& each : call.module->named_buffers())
      if (each.value().defined()) note_fixed(each.value());
    for (const auto& [name, tensor] : call.inputs)
      (tensor.requires_grad() ? parameters_ : inputs_).set(name, tensor.detach());
    if (parameters_.empty())
      throw SubjectError(std::nullopt,
                         "the module has no parameter that requires a gradient, and no input does: "
                         "there is nothing to check");
    const at::AutoGradMode enabled(true);
    Tensors given;
    for (const auto& [name, tensor] : call.inputs) given.push_back(tensor);
    outputs_ = Outputs(call_.forward(given));
    restore();
    if (!outputs_.any())
      throw SubjectError(std::nullopt, "no output of the module requires a gradient");
  }
  ~ModuleSubject() override { restore(); }

  const NamedTensors& parameters() const override { return parameters_; }
  const NamedTensors& inputs() const override { return inputs_; }
  bool has_manual() const override { return static_cast<bool>(backward_); }
  bool takes_grad_output() const override { return true; }
  std::optional<std::string> why_not_differentiable() const override {
    return outputs_.complaint();
  }

  at::Tensor forward(const NamedTensors& values) const override {
    const std::lock_guard<std::mutex> lock(mutex_);
    const bool differentiable = at::GradMode::is_enabled();
    const at::AutoGradMode enabled(true);
    set(values);
    Tensors given, from, to;
    for (const auto& [name, parameter] : own_) {
      parameter.set_data(values[name].detach());
      from.push_back(parameter);
      to.push_back(values[name]);
    }
    for (const auto& [name, tensor] : call_.inputs) {
      at::Tensor input = values[name].detach();
      if (values[name].requires_grad()) {
        input.requires_grad_();
        from.push_back(input);
        to.push_back(values[name]);
      }
      given.push_back(input);
    }
    const at::Tensor inner = outputs_.joined(call_.forward(given));
    at::Tensor output = inner.detach().clone();
    if (!differentiable || !inner.requires_grad()) return output;
    const auto node = make_node<ModuleBackward>(inner, from);
    node->set_next_edges(torch::autograd::collect_next_edges(to));
    torch::autograd::create_gradient_edge(output, node);
    return output;
  }

  ManualResult manual(const NamedTensors& values, const at::Tensor& grad_output) const override {
    return {forward(values), backward_(values, grad_output)};
  }

 private:
  struct Fixed {
    at::Tensor own, before;
  };
  void note_fixed(const at::Tensor& tensor) { fixed_.push_back({tensor, tensor.detach().clone()}); }

  /// Buffers and frozen parameters as they were, floating ones in the dtype of the evaluation.
  void set(const NamedTensors& values) const {
    at::ScalarType dtype = at::kDouble;
    for (const auto& [name, tensor] : parameters_) dtype = values[name].scalar_type();
    for (const Fixed& fixed : fixed_)
      fixed.own.set_data(fixed.before.is_floating_point() ? fixed.before.to(dtype, false, true)
                                                          : fixed.before.clone());
  }
  void restore() const {
    const at::NoGradGuard no_grad;
    for (const auto& [name, parameter] : own_)
      parameter.set_data(parameters_[name].detach().clone());
    for (const Fixed& fixed : fixed_) fixed.own.set_data(fixed.before.clone());
  }

  ModuleCall call_;
  BackwardFunction backward_;
  NamedTensors parameters_, inputs_, own_;
  std::vector<Fixed> fixed_;
  Outputs outputs_;
  mutable std::mutex mutex_;
};

}  // namespace

std::unique_ptr<Subject> make_module_subject(const ModuleCall& call, BackwardFunction backward) {
  return std::make_unique<ModuleSubject>(call, std::move(backward));
}

}  // namespace gradient_check
