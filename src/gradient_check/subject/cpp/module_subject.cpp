#include "gradient_check/subject/cpp/module_subject.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>

#include <algorithm>
#include <mutex>

#include "gradient_check/subject/cpp/autograd_node.h"
#include "gradient_check/subject/detach_watch.h"
#include "gradient_check/subject/outputs.h"

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

/// A tensor of the module with its data from before the check, which nothing writes to meanwhile.
struct Own {
  explicit Own(at::Tensor given) : tensor(std::move(given)), data(tensor.detach()) {}
  void set(const at::Tensor& other) const { tensor.set_data(other); }
  void restore() const { tensor.set_data(data); }

  at::Tensor tensor, data;
};

/// The dtype that a tensor has in an evaluation in `real`.
at::ScalarType dtype_in(const at::Tensor& tensor, at::ScalarType real) {
  if (tensor.is_complex()) return c10::toComplexType(real);
  return tensor.is_floating_point() ? real : tensor.scalar_type();
}

class ModuleSubject : public Subject {
 public:
  ModuleSubject(const ModuleCall& call, BackwardFunction backward)
      : call_(call), backward_(std::move(backward)) {
    for (const auto& each : call.module->named_parameters())
      if (each.value().defined() && is_new(each.value())) {
        if (!each.value().requires_grad()) {
          fixed_.emplace_back(each.value());
          continue;
        }
        learned_.emplace_back(each.key(), Own(each.value()));
        parameters_.set(each.key(), each.value().detach());
      }
    for (const auto& each : call.module->named_buffers())
      if (each.value().defined() && is_new(each.value())) fixed_.emplace_back(each.value());
    for (const auto& [name, tensor] : call.inputs)
      (tensor.requires_grad() ? parameters_ : inputs_).set(name, tensor.detach());
    if (parameters_.empty())
      throw SubjectError(std::nullopt,
                         "the module has no parameter that requires a gradient, and no input does: "
                         "there is nothing to check");
    const at::AutoGradMode enabled(true);
    try {
      NamedTensors point = parameters_;
      for (const auto& [name, tensor] : inputs_) point.set(name, tensor);
      outputs_ = Outputs(call_.forward(arguments_at(point).given));
    } catch (...) {
      restore();
      throw;
    }
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
    const Arguments arguments = arguments_at(values);
    const at::Tensor inner = outputs_.joined(call_.forward(arguments.given));
    const DetachUnwatched unwatched;
    at::Tensor output = inner.detach().clone();
    if (!differentiable || !inner.requires_grad()) return output;
    Tensors to;
    for (const std::string& name : arguments.names) to.push_back(values[name]);
    const auto node = make_node<ModuleBackward>(inner, arguments.leaves);
    node->set_next_edges(torch::autograd::collect_next_edges(to));
    torch::autograd::create_gradient_edge(output, node);
    return output;
  }

  ManualResult manual(const NamedTensors& values, const at::Tensor& grad_output) const override {
    return {forward(values), backward_(values, outputs_, grad_output)};
  }

 private:
  /// What the forward is called with, and the leaves that its gradients are those of, by name.
  struct Arguments {
    Tensors given, leaves;
    std::vector<std::string> names;
  };

  /// Not a tensor that the module has under another name too, as tied weights are.
  bool is_new(const at::Tensor& tensor) const {
    const auto is_it = [&](const Own& own) { return own.tensor.is_same(tensor); };
    return std::none_of(fixed_.begin(), fixed_.end(), is_it) &&
           std::none_of(learned_.begin(), learned_.end(),
                        [&](const auto& entry) { return is_it(entry.second); });
  }

  /// Sets the module's tensors to `values`, its buffers and frozen parameters to copies of what
  /// they were, in the dtype of the evaluation.
  Arguments arguments_at(const NamedTensors& values) const {
    const at::ScalarType real =
        c10::toRealValueType(values[parameters_.begin()->first].scalar_type());
    for (const Own& own : fixed_) own.set(own.data.to(dtype_in(own.data, real), false, true));
    const DetachUnwatched unwatched;
    Arguments arguments;
    for (const auto& [name, own] : learned_) {
      own.set(values[name].detach());
      arguments.leaves.push_back(own.tensor);
      arguments.names.push_back(name);
    }
    for (const auto& [name, tensor] : call_.inputs) {
      at::Tensor input = values[name].detach().clone();
      if (parameters_.contains(name)) {
        arguments.leaves.push_back(input.requires_grad_());
        arguments.names.push_back(name);
        input = input.clone();  // no leaf: an in-place layer may write to it
      }
      arguments.given.push_back(input);
    }
    return arguments;
  }
  void restore() const {
    const at::NoGradGuard no_grad;
    for (const auto& [name, own] : learned_) own.restore();
    for (const Own& own : fixed_) own.restore();
  }

  ModuleCall call_;
  BackwardFunction backward_;
  NamedTensors parameters_, inputs_;
  std::vector<std::pair<std::string, Own>> learned_;
  std::vector<Own> fixed_;
  Outputs outputs_;
  mutable std::mutex mutex_;
};

}  // namespace

std::unique_ptr<Subject> make_module_subject(const ModuleCall& call, BackwardFunction backward) {
  return std::make_unique<ModuleSubject>(call, std::move(backward));
}

}  // namespace gradient_check
