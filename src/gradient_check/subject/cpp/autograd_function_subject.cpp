#include "gradient_check/subject/cpp/autograd_function_subject.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros_like.h>
#include <cxxabi.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <typeinfo>

#include "gradient_check/subject/cpp/function_call.h"

namespace gradient_check {
namespace {

/// Which tensors are to be checked: those that require a gradient.
std::vector<std::string> wanted_names(const AutogradFunction& function) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : function.tensors)
    if (tensor.requires_grad()) names.push_back(name);
  return names;
}

enum class Reference { libtorch, own_backward };

class AutogradFunctionSubject : public Subject {
 public:
  AutogradFunctionSubject(const AutogradFunction& function, Reference reference)
      : function_(function), reference_(reference), wanted_(wanted_names(function)) {
    for (const auto& [name, tensor] : function.tensors)
      (tensor.requires_grad() ? parameters_ : inputs_).set(name, tensor.detach());
    if (wanted_.empty())
      throw SubjectError(
          std::nullopt, fmt::format("no argument of {} requires a gradient, so there is nothing to "
                                    "check: call requires_grad_() on those that should",
                                    function.name));
    const FunctionCall call(function.apply, function.tensors, wanted_);
    outputs_ = Outputs(call.outputs());
    in_place_ = call.returned_in_place();
    if (!outputs_.any())
      throw SubjectError(
          std::nullopt, fmt::format("no output of {} is differentiable: expected one of a floating "
                                    "dtype that mark_non_differentiable does not name",
                                    function.name));
    if (reference_ == Reference::libtorch) learn_what_moves();
  }

  const NamedTensors& parameters() const override { return parameters_; }
  const NamedTensors& inputs() const override { return inputs_; }
  at::Tensor forward(const NamedTensors& values) const override {
    NamedTensors arguments = values;
    for (const std::string& name : in_place_) arguments.set(name, values[name].clone());
    return outputs_.joined(
        (reference_ == Reference::libtorch ? function_.forward : function_.apply)(arguments));
  }
  bool has_manual() const override { return true; }
  bool takes_grad_output() const override { return true; }
  std::optional<std::string> why_not_differentiable() const override {
    return outputs_.complaint();
  }

  ManualResult manual(const NamedTensors& values, const at::Tensor& grad_output) const override {
    const FunctionCall call(function_.apply, values, wanted_);
    const auto gradients =
        call.gradients(outputs_.differentiable(call.outputs()), outputs_.cut(grad_output));
    ManualResult result{outputs_.joined(call.outputs()).detach(), {}};
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
      const FunctionCall call(function_.forward, function_.tensors, wanted_);
      const std::vector<at::Tensor> outputs = outputs_.differentiable(call.outputs());
      differentiable_ = std::all_of(outputs.begin(), outputs.end(), [](const at::Tensor& output) {
        return output.requires_grad();
      });
      if (!differentiable_) return;
      std::vector<at::Tensor> cotangents;
      for (const at::Tensor& output : outputs) cotangents.push_back(at::ones_like(output));
      const auto gradients = call.gradients(outputs, cotangents);
      for (std::size_t i = 0; i < wanted_.size(); ++i)
        if (gradients[i].defined() && !gradients[i].eq(0).all().item<bool>())
          moving_.push_back(wanted_[i]);
    } catch (const std::exception&) {
      differentiable_ = false;
    }
  }

  AutogradFunction function_;
  Reference reference_;
  bool differentiable_ = false;
  std::vector<std::string> wanted_, moving_, in_place_;
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
  result.tensors = {};
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [old, tensor] : tensors) {
    const std::string name = pairs.size() < names.size() ? names[pairs.size()] : old;
    if (result.tensors.contains(name))
      throw std::invalid_argument(fmt::format("two tensors are named '{}'", name));
    pairs.emplace_back(name, old);
    result.tensors.set(name, tensor);
    std::replace(result.variables.begin(), result.variables.end(), old, name);
  }
  const auto under_old_names = [pairs](const Call& call) -> Call {
    return [=](const NamedTensors& given) {
      NamedTensors as_before;
      for (const auto& [name, old] : pairs) as_before.set(old, given[name]);
      return call(as_before);
    };
  };
  result.apply = under_old_names(apply);
  result.forward = under_old_names(forward);
  return result;
}

std::unique_ptr<Subject> make_function_subject(const AutogradFunction& function) {
  auto subject = std::make_unique<AutogradFunctionSubject>(function, Reference::libtorch);
  return subject->differentiable_by_libtorch() ? std::move(subject) : nullptr;
}

std::unique_ptr<Subject> make_kernel_subject(const AutogradFunction& function) {
  return std::make_unique<AutogradFunctionSubject>(function, Reference::own_backward);
}

}  // namespace gradient_check
