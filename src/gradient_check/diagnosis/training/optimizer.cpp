#include "gradient_check/diagnosis/training/optimizer.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>

namespace gradient_check {
namespace {

NamedTensors clones(const NamedTensors& tensors) {
  NamedTensors copies;
  for (const auto& [name, tensor] : tensors) copies.set(name, tensor.clone());
  return copies;
}

}  // namespace

void Optimizer::step(NamedTensors& parameters, const NamedTensors& gradients) {
  ++steps_;
  for (const auto& [name, parameter] : parameters) {
    const at::Tensor* gradient = gradients.find(name);
    if (!gradient || !gradient->defined()) continue;
    at::Tensor moved = parameter;
    if (options_.optimizer == TrainOptions::Optimizer::sgd)
      sgd(moved, *gradient, name);
    else
      adam(moved, *gradient, name);
  }
}

Optimizer Optimizer::copy() const {
  Optimizer other(options_);
  other.steps_ = steps_;
  other.first_ = clones(first_);
  other.second_ = clones(second_);
  return other;
}

/// Sutskever et al. 2013, in the form of torch.optim.SGD.
void Optimizer::sgd(at::Tensor& parameter, at::Tensor gradient, const std::string& name) {
  if (options_.weight_decay != 0) gradient = gradient.add(parameter, options_.weight_decay);
  if (options_.momentum != 0) {
    if (!first_.contains(name)) {
      first_.set(name, gradient.clone());
    } else {
      at::Tensor buffer = first_[name];
      buffer.mul_(options_.momentum).add_(gradient, 1 - options_.dampening);
    }
    gradient = options_.nesterov ? gradient.add(first_[name], options_.momentum) : first_[name];
  }
  parameter.add_(gradient, -options_.learning_rate);
}

/// Kingma & Ba 2015, algorithm 1; Loshchilov & Hutter 2019 for the decay that is not in the
/// gradient.
void Optimizer::adam(at::Tensor& parameter, at::Tensor gradient, const std::string& name) {
  if (options_.optimizer == TrainOptions::Optimizer::adamw)
    parameter.mul_(1 - options_.learning_rate * options_.weight_decay);
  else if (options_.weight_decay != 0)
    gradient = gradient.add(parameter, options_.weight_decay);
  if (!first_.contains(name)) {
    first_.set(name, at::zeros_like(parameter));
    second_.set(name, at::zeros_like(parameter));
  }
  at::Tensor first = first_[name], second = second_[name];
  first.mul_(options_.beta1).add_(gradient, 1 - options_.beta1);
  second.mul_(options_.beta2).addcmul_(gradient, gradient, 1 - options_.beta2);
  const auto count = static_cast<double>(steps_);
  const double first_bias = 1 - std::pow(options_.beta1, count);
  const double second_bias = 1 - std::pow(options_.beta2, count);
  const at::Tensor divisor = (second.sqrt() / std::sqrt(second_bias)).add_(options_.eps);
  parameter.addcdiv_(first, divisor, -options_.learning_rate / first_bias);
}

}  // namespace gradient_check
