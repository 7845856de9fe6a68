#include "gradient_check/subject/cpp/function_call.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

namespace gradient_check {

FunctionCall::FunctionCall(const AutogradFunction::Call& call, const NamedTensors& values,
                           const std::vector<std::string>& wanted) {
  const at::AutoGradMode enabled(true);
  for (const auto& [name, tensor] : values) {
    at::Tensor argument = tensor.detach().clone();
    if (std::find(wanted.begin(), wanted.end(), name) != wanted.end()) {
      leaves_.push_back(argument.requires_grad_());
      // Neither a leaf nor a view: those may not be written to in place, or not by every function.
      argument = argument.clone();
    }
    versions_.push_back(argument._version());
    arguments_.set(name, argument);
  }
  outputs_ = call(arguments_);
}

std::vector<at::Tensor> FunctionCall::differentiable_outputs() const {
  std::vector<at::Tensor> kept;
  std::copy_if(outputs_.begin(), outputs_.end(), std::back_inserter(kept),
               [](const at::Tensor& output) { return output.defined() && output.requires_grad(); });
  return kept;
}

std::vector<at::Tensor> FunctionCall::gradients(const std::vector<at::Tensor>& of,
                                                const std::vector<at::Tensor>& cotangents) const {
  return torch::autograd::grad(of, leaves_, cotangents, true, false, true);
}

std::vector<std::string> FunctionCall::returned_in_place() const {
  std::vector<std::string> names;
  auto version = versions_.begin();
  for (const auto& [name, argument] : arguments_) {
    const bool written = argument._version() != *version++;
    const bool returned =
        std::any_of(outputs_.begin(), outputs_.end(), [&, &given = argument](const auto& output) {
          return output.defined() && output.is_same(given);
        });
    if (written && returned) names.push_back(name);
  }
  return names;
}

}  // namespace gradient_check
