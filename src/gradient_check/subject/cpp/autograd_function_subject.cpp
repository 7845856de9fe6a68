#include "gradient_check/subject/cpp/autograd_function_subject.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros_like.h>
#include <cxxabi.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cstdlib>
#include <typeinfo>

namespace gradient_check {
namespace {

/// Which tensors are to be checked: those that require a gradient.
std::vector<std::string> wanted_names(const AutogradFunction& function) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : function.tensors)
    if (tensor.requires_grad()) names.push_back(name);
  return names;
}

/// Copies that autograd starts from: those by the given names require a gradient.
NamedTensors leaves_of(const NamedTensors& values, const std::vector<std::string>& wanted) {
  NamedTensors leaves;
  for (const auto& [name, tensor] : values) {
    at::Tensor leaf = tensor.detach().clone();
    if (std::find(wanted.begin(), wanted.end(), name) != wanted.end()) leaf.requires_grad_();
    leaves.set(name, leaf);
  }
  return leaves;
}

/// The outputs of one call, and the gradients of the wanted tensors for cotangents of them.
class Call {
 public:
  Call(const AutogradFunction::Call& call, const NamedTensors& values,
       const std::vector<std::string>& wanted)
      : leaves_(leaves_of(values, wanted)), wanted_(wanted) {
    const at::AutoGradMode enabled(true);
    // A leaf may not be written to in place; what the function is given is no leaf.
    NamedTensors arguments;
    for (const auto& [name, tensor] : leaves_)
      arguments.set(name, tensor.requires_grad() ? tensor.view_as(tensor) : tensor);
    outputs = call(arguments);
  }

  /// Undefined where the backward returns none.
  std::vector<at::Tensor> gradients(const std::vector<at::Tensor>& of,
                                    const std::vector<at::Tensor>& cotangents) const {
    const at::AutoGradMode enabled(true);
    std::vector<at::Tensor> inputs;
    for (const std::string& name : wanted_) inputs.push_back(leaves_[name]);
    return torch::autograd::grad(of, inputs, cotangents, true, false, true);
  }

  std::vector<at::Tensor> outputs;

 private:
  NamedTensors leaves_;
  const std::vector<std::string>& wanted_;
};

class AutogradFunctionSubject : public Subject {
 public:
  AutogradFunctionSubject(const AutogradFunction& function, bool opaque)
      : function_(function), opaque_(opaque), wanted_(wanted_names(function)) {
    for (const auto& [name, tensor] : function.tensors)
      (tensor.requires_grad() ? parameters_ : inputs_).set(name, tensor.detach());
    if (wanted_.empty())
      throw SubjectError(
          std::nullopt, fmt::format("no argument of {} requires a gradient, so there is nothing to "
                                    "check: call requires_grad_() on those that should",
                                    function.name));
    const Call call(function.apply, function.tensors, wanted_);
    outputs_ = Outputs(call.outputs);
    if (!outputs_.any())
      throw SubjectError(
          std::nullopt, fmt::format("no output of {} is differentiable: expected one of a floating "
                                    "dtype that mark_non_differentiable does not name",
                                    function.name));
    if (!opaque_) learn_what_moves();
  }

  const NamedTensors& parameters() const override { return parameters_; }
  const NamedTensors& inputs() const override { return inputs_; }
  at::Tensor forward(const NamedTensors& values) const override {
    const auto& call = opaque_ ? function_.apply : function_.forward;
    return outputs_.joined(call(values));
  }
  bool has_manual() const override { return !opaque_; }
  bool takes_grad_output() const override { return true; }
  std::optional<std::string> why_not_differentiable() const override {
    return outputs_.complaint();
  }

  ManualResult manual(const NamedTensors& values, const at::Tensor& grad_output) const override {
    const Call call(function_.apply, values, wanted_);
    const std::vector<at::Tensor> differentiable = outputs_.differentiable(call.outputs);
    const auto gradients = call.gradients(differentiable, outputs_.cut(grad_output));
    ManualResult result{outputs_.joined(call.outputs).detach(), {}};
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      if (gradients[i].defined())
        result.gradients.set(wanted_[i], gradients[i]);
      else if (std::find(moving_.begin(), moving_.end(), wanted_[i]) == moving_.end())
        result.gradients.set(wanted_[i], at::zeros_like(values[wanted_[i]]));
    }
    return result;
  }

  bool differentiable_by_libtorch() const { return differentiable_; }

 private:
  /// An undefined gradient means zero. For a tensor that moves the output it is a missing one.
  void learn_what_moves() {
    try {
      const Call call(function_.forward, function_.tensors, wanted_);
      const std::vector<at::Tensor> outputs = outputs_.differentiable(call.outputs);
      differentiable_ = std::all_of(outputs.begin(), outputs.end(), [](const at::Tensor& output) {
        return output.requires_grad();
      });
      if (!differentiable_) return;
      std::vector<at::Tensor> cotangents;
      for (const at::Tensor& output : outputs) cotangents.push_back(at::ones_like(output));
      const auto gradients = call.gradients(outputs, cotangents);
      for (std::size_t i = 0; i < wanted_.size(); ++i)
        if (gradients[i].defined()) moving_.push_back(wanted_[i]);
    } catch (const std::exception&) {
      differentiable_ = false;
    }
  }

  AutogradFunction function_;
  bool opaque_, differentiable_ = false;
  std::vector<std::string> wanted_, moving_;
  NamedTensors parameters_, inputs_;
  Outputs outputs_;
};

}  // namespace

std::string type_name(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free);
  std::string text = status == 0 ? name.get() : type.name();
  for (const std::string_view part : {"(anonymous namespace)::", "torch::autograd::"})
    for (std::size_t at; (at = text.find(part)) != std::string::npos;) text.erase(at, part.size());
  return text;
}

AutogradFunction AutogradFunction::named(const std::vector<std::string>& names) const {
  AutogradFunction result = *this;
  NamedTensors renamed;
  std::vector<std::pair<std::string, std::string>> pairs;
  std::size_t next = 0;
  for (const auto& [old, tensor] : tensors) {
    const std::string name = next < names.size() ? names[next] : old;
    ++next;
    pairs.emplace_back(name, old);
    renamed.set(name, tensor);
    for (std::string& each : result.all)
      if (each == old) each = name;
  }
  const auto under_old_names = [pairs](const Call& call) -> Call {
    return [=](const NamedTensors& given) {
      NamedTensors as_before;
      for (const auto& [name, old] : pairs) as_before.set(old, given[name]);
      return call(as_before);
    };
  };
  result.tensors = renamed;
  result.apply = under_old_names(apply);
  result.forward = under_old_names(forward);
  return result;
}

std::unique_ptr<Subject> make_function_subject(const AutogradFunction& function) {
  auto subject = std::make_unique<AutogradFunctionSubject>(function, false);
  return subject->differentiable_by_libtorch() ? std::move(subject) : nullptr;
}

std::unique_ptr<Subject> make_opaque_function_subject(const AutogradFunction& function) {
  return std::make_unique<AutogradFunctionSubject>(function, true);
}

}  // namespace gradient_check
