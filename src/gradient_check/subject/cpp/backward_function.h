#pragma once

#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/subject/outputs.h"

namespace gradient_check {

/// A hand-written backward in C++: the gradient of each tensor it knows, by name, for a cotangent
/// of the forward's output, `const at::Tensor& grad_output`. Where the forward has several outputs
/// it takes `const std::vector<at::Tensor>& grad_outputs`: one for each output that can be
/// differentiated, in their order.
class BackwardFunction {
  template <typename Function, typename Cotangent>
  static constexpr bool takes =
      std::is_invocable_r_v<NamedTensors, Function&, const NamedTensors&, const Cotangent&>;

 public:
  BackwardFunction() = default;
  BackwardFunction(std::nullptr_t) {}  // NOLINT: converts
  template <typename Function>
  requires(!std::is_same_v<std::decay_t<Function>, BackwardFunction> && takes<Function, at::Tensor>)
      BackwardFunction(Function function)
      : of_one_(std::move(function)) {}  // NOLINT: converts
  template <typename Function>
  requires(!std::is_same_v<std::decay_t<Function>, BackwardFunction> &&
           !takes<Function, at::Tensor> && takes<Function, std::vector<at::Tensor>>)
      BackwardFunction(Function function)
      : of_several_(std::move(function)) {}  // NOLINT: converts

  explicit operator bool() const { return of_one_ || of_several_; }
  /// Its gradients for a cotangent of the joined outputs. Throws SubjectError where there are more
  /// outputs than it takes cotangents.
  NamedTensors operator()(const NamedTensors& tensors, const Outputs& outputs,
                          const at::Tensor& grad_output) const;

 private:
  std::function<NamedTensors(const NamedTensors&, const at::Tensor&)> of_one_;
  std::function<NamedTensors(const NamedTensors&, const std::vector<at::Tensor>&)> of_several_;
};

}  // namespace gradient_check
