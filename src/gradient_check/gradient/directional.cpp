#include "gradient_check/gradient/directional.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/dot.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace gradient_check {
namespace {

/// A direction needs no more: the gradient's own rounding is of this size.
constexpr double accuracy = 1e-10;

}  // namespace

DirectionalDerivatives::DirectionalDerivatives(Objective& objective, const NamedTensors& gradients,
                                               std::uint64_t seed)
    : objective_(objective), gradients_(gradients), seed_(seed) {
  double largest = 0;
  for (const auto& [name, gradient] : gradients) {
    if (gradient.numel() == 0) continue;
    names_.push_back(name);
    norms_[name] = gradient.norm().item<double>();
    largest = std::max(largest, norms_[name]);
  }
  unit_ = std::numeric_limits<double>::infinity();
  for (auto& [name, norm] : norms_) {
    norm = std::max(norm, largest > 0 ? 1e-4 * largest : 1.0);
    const double size = objective.root_mean_square(name);
    unit_ = std::min(unit_, norm * (size > 0 ? size : 1.0));
  }
}

/// float32 normals are drawn many times sooner than float64 ones, and are as good a direction.
at::Tensor DirectionalDerivatives::draw(const std::string& name, const Direction& direction) const {
  const at::Tensor& gradient = gradients_[name];
  const std::uint64_t seed =
      seed_ ^ (0x9e3779b97f4a7c15U * (direction.draw + 1)) ^ std::hash<std::string>()(name);
  auto generator = at::detail::createCPUGenerator(seed);
  at::Tensor u = at::randn({gradient.numel()}, generator, at::TensorOptions(at::kFloat));
  if (direction.count >= 0) {
    at::Tensor part = at::zeros({gradient.numel()}, at::kFloat);
    part.narrow(0, direction.first, direction.count)
        .copy_(u.narrow(0, direction.first, direction.count));
    u = part;
  }
  return u.to(at::kDouble).div_(norms_.at(name)).view(gradient.sizes());
}

DirectionalDerivative DirectionalDerivatives::along(const Direction& direction) {
  NamedTensors steps, moved;
  double expected = 0;
  for (const std::string& name : names_) {
    if (direction.tensor && *direction.tensor != name) continue;
    at::Tensor step = draw(name, direction);
    expected += at::dot(step.view(-1), gradients_[name].reshape(-1)).item<double>();
    moved.set(name, objective_.value(name).clone());
    steps.set(name, std::move(step));
  }
  const auto f = [&](double t) {
    for (const auto& [name, step] : steps)
      moved[name].copy_(objective_.value(name)).add_(step, t * unit_);
    return objective_.at(moved);
  };
  const Ladder ladder = first_ > 0 ? Ladder{first_, 6} : Ladder{0.1, 14};
  const Extrapolation found =
      derivative_at_0(f, ladder, objective_.noise(), accuracy * unit_ * std::sqrt(names_.size()));
  if (first_ == 0 && found.step > 0) first_ = std::min(0.1, 9 * found.step);
  return {expected, {found.slope.value / unit_, found.slope.error / unit_}};
}

}  // namespace gradient_check
