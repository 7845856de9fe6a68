#pragma once

#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/subject/outputs.h"

namespace gradient_check {

/// A differentiable forward in C++ over named tensors: whatever can be called with them and returns
/// an at::Tensor or, for several outputs, a std::vector or std::tuple of them.
class ForwardFunction {
 public:
  ForwardFunction() = default;
  template <typename Function>
  requires(!std::is_same_v<std::decay_t<Function>, ForwardFunction> &&
           requires(Function & call, const NamedTensors& tensors) { tensors_of(call(tensors)); })
      ForwardFunction(Function function) {  // NOLINT: converts
    using Result = std::invoke_result_t<Function&, const NamedTensors&>;
    several_ = !std::is_convertible_v<Result, at::Tensor>;
    std::function<std::decay_t<Result>(const NamedTensors&)> held(std::move(function));
    if (held) call_ = [held](const NamedTensors& tensors) { return tensors_of(held(tensors)); };
  }

  /// Whether it returns a list or a tuple.
  bool several() const { return several_; }
  std::vector<at::Tensor> operator()(const NamedTensors& tensors) const { return call_(tensors); }

 private:
  bool several_ = false;
  std::function<std::vector<at::Tensor>(const NamedTensors&)> call_;
};

}  // namespace gradient_check
