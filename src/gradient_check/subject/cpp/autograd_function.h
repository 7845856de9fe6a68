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
#include "gradient_check/subject/outputs.h"

namespace gradient_check {

/// A torch::autograd::Function with the arguments that it is called with. Make it by
/// autograd_function<F>(…).
struct AutogradFunction {
  using Call = std::function<std::vector<at::Tensor>(const NamedTensors& tensors)>;

  std::string name;      ///< of the class
  NamedTensors tensors;  ///< the arguments that are tensors, in their order
  /// The arguments that LibTorch counts as tensors, by name; "" for an undefined one.
  std::vector<std::string> variables;
  Call apply;    ///< F::apply: differentiable by F::backward
  Call forward;  ///< F::forward: differentiable by LibTorch's own formulas

  /// The same with names for the tensors, in their order: what findings call them. Throws
  /// std::invalid_argument where two are the same.
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
template <typename T>
constexpr bool is_optional_tensor = std::is_same_v<std::decay_t<T>, c10::optional<at::Tensor>> ||
                                    std::is_same_v<std::decay_t<T>, std::optional<at::Tensor>>;
template <typename T>
constexpr bool is_tensor_list = std::is_same_v<std::decay_t<T>, at::TensorList> ||
                                std::is_same_v<std::decay_t<T>, std::vector<at::Tensor>>;

/// The tensor that an argument is or holds; undefined where it is none.
template <typename T>
at::Tensor tensor_in(const T& given) {
  if constexpr (is_tensor<T>) return given;
  if constexpr (is_optional_tensor<T>)
    if (given.has_value()) return *given;
  return {};
}

/// An argument for a call: the tensor of its name, or what was given.
template <typename T>
T argument(const T& given, const std::string& name, const NamedTensors& tensors) {
  if constexpr (is_tensor<T> || is_optional_tensor<T>) {
    if (const at::Tensor* found = tensors.find(name)) return T(*found);
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
  static_assert(!(detail::is_tensor_list<Arguments> || ...),
                "a list of tensors cannot be checked: give them to forward one by one");
  AutogradFunction subject;
  subject.name = type_name(typeid(F));
  std::vector<std::string> names;  // of each argument; "" where it holds no tensor
  const auto note = [&](const auto& given) {
    const at::Tensor tensor = detail::tensor_in(given);
    names.push_back(tensor.defined() ? "argument " + std::to_string(names.size()) : "");
    if (tensor.defined()) subject.tensors.set(names.back(), tensor);
    if (tensor.defined() || detail::is_tensor<decltype(given)>)
      subject.variables.push_back(names.back());
  };
  (note(arguments), ...);
  const auto given = std::make_shared<std::tuple<Arguments...>>(std::move(arguments)...);
  subject.apply = detail::call([](const auto&... each) { return F::apply(each...); }, given, names);
  subject.forward = detail::call(
      [](const auto&... each) {
        torch::autograd::AutogradContext context;
        return F::forward(&context, each...);
      },
      given, names);
  return subject;
}

}  // namespace gradient_check
