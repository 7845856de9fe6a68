#pragma once

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/case/train_options.h"

namespace gradient_check {

/// Moves parameters along gradients in place, as LibTorch's optimizer of that name does. Works in
/// the dtype of the parameters.
class Optimizer {
 public:
  explicit Optimizer(const TrainOptions& options) : options_(options) {}

  /// One update of the parameters (by name) that have a gradient of their own shape.
  void step(NamedTensors& parameters, const NamedTensors& gradients);

  /// A copy that does not share state.
  Optimizer copy() const;

 private:
  void sgd(at::Tensor& parameter, at::Tensor gradient, const std::string& name);
  void adam(at::Tensor& parameter, at::Tensor gradient, const std::string& name);

  TrainOptions options_;
  std::int64_t steps_ = 0;
  NamedTensors first_, second_;  ///< momentum buffer, or Adam's moments
};

}  // namespace gradient_check
