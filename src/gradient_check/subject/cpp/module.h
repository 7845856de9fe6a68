#pragma once

#include <torch/nn/module.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/subject/cpp/autograd_function.h"

namespace gradient_check {

/// A torch::nn::Module with what its forward is called with. Make it by module(…).
struct ModuleCall {
  std::shared_ptr<torch::nn::Module> module;
  NamedTensors inputs;
  std::function<std::vector<at::Tensor>(const std::vector<at::Tensor>& inputs)> forward;
};

/// The subject of `check` and of GradientsMatch for a module: the gradients of its parameters, as
/// autograd and the custom functions in it give them, are held against finite differences, and
/// against a manual backward where one is given to `check`. Parameters are called as
/// named_parameters() calls them; inputs that require a gradient are checked as well, and are
/// called input, or input_0, input_1, …
///
/// The forward is run in float64 as well, with the module's parameters and buffers converted; after
/// the check all is as it was before.
///
///     torch::nn::Linear linear(3, 2);
///     EXPECT_THAT(module(linear, torch::randn({4, 3})), GradientsMatch());
template <typename Module, typename... Inputs>
ModuleCall module(torch::nn::ModuleHolder<Module> holder, Inputs... inputs) {
  std::vector<at::Tensor> given{inputs...};
  ModuleCall call{holder.ptr(), {}, {}};
  for (std::size_t i = 0; i < given.size(); ++i)
    call.inputs.set(given.size() == 1 ? "input" : "input_" + std::to_string(i), given[i]);
  call.forward = [holder](const std::vector<at::Tensor>& values) mutable {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return tensors_of(holder->forward(values[I]...));
    }
    (std::index_sequence_for<Inputs...>{});
  };
  return call;
}

/// How GoogleTest prints it.
inline void PrintTo(const ModuleCall& call, std::ostream* stream) {
  *stream << "the module " << call.module->name();
}

}  // namespace gradient_check
