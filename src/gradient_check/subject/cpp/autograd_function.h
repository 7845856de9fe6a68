#pragma once

#include <torch/csrc/autograd/custom_function.h>

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/subject/cpp/outputs.h"

namespace gradient_check {

/// A torch::autograd::Function with the arguments that it is called with. Make it by
/// autograd_function<F>(…).
struct AutogradFunction {
  using Call = std::function<std::vector<at::Tensor>(const NamedTensors& tensors)>;

  std::string name;              ///< of the class
  NamedTensors tensors;          ///< the arguments that are tensors, in their order
  std::vector<std::string> all;  ///< the name of each argument; of one that is no tensor, ""
  Call apply;                    ///< F::apply: differentiable by F::backward
  Call forward;                  ///< F::forward: differentiable by LibTorch's own formulas

  /// The same with names for the tensors, in their order: what findings call them.
  AutogradFunction named(const std::vector<std::string>& names) const;
};

/// How GoogleTest prints it.
inline void PrintTo(const AutogradFunction& function, std::ostream* stream) {
  *stream << "the function " << function.name;
}

/// The name of a type, "mine::Scale".
std::string type_name(const std::type_info& type);

namespace autograd_function_detail {

template <typename T>
constexpr bool is_tensor = std::is_same_v<std::decay_t<T>, at::Tensor>;

/// An argument for a call: the tensor of its name, or what was given.
template <typename T>
T argument(const T& given, const std::string& name, const NamedTensors& tensors) {
  if constexpr (is_tensor<T>) {
    if (const at::Tensor* found = tensors.find(name)) return *found;
  }
  return given;
}

/// The call `function(arguments…)` with tensors put in by name.
template <typename Function, typename... Arguments>
AutogradFunction::Call call(Function function, std::shared_ptr<std::tuple<Arguments...>> given,
                            std::vector<std::string> names) {
  return [=](const NamedTensors& tensors) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return tensors_of(function(argument(std::get<I>(*given), names[I], tensors)...));
    }
    (std::index_sequence_for<Arguments...>{});
  };
}

}  // namespace autograd_function_detail

/// The subject of `check` and of GradientsMatch for a subclass F of torch::autograd::Function<F>:
/// its backward is held against LibTorch's derivative of F::forward, where that consists of
/// LibTorch's operations, and against finite differences. Checked are the tensors that require a
/// gradient; other arguments are passed on as they are. F::forward is called in float64 as well, so
/// it should not name a dtype.
///
///     EXPECT_THAT(autograd_function<Scale>(x.requires_grad_(), 3.0), GradientsMatch());
template <typename F, typename... Arguments>
AutogradFunction autograd_function(Arguments... arguments) {
  namespace detail = autograd_function_detail;
  AutogradFunction subject;
  subject.name = type_name(typeid(F));
  const auto note = [&](const auto& given) {
    std::string name;
    if constexpr (detail::is_tensor<decltype(given)>) {
      if (given.defined()) {
        name = "argument " + std::to_string(subject.all.size());
        subject.tensors.set(name, given);
      }
    }
    subject.all.push_back(name);
  };
  (note(arguments), ...);
  const auto given = std::make_shared<std::tuple<Arguments...>>(std::move(arguments)...);
  subject.apply =
      detail::call([](const auto&... each) { return F::apply(each...); }, given, subject.all);
  subject.forward = detail::call(
      [](const auto&... each) {
        torch::autograd::AutogradContext context;
        return F::forward(&context, each...);
      },
      given, subject.all);
  return subject;
}

}  // namespace gradient_check
