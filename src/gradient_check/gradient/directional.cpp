#include "gradient_check/gradient/directional.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/randn.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "gradient_check/gradient/scan.h"

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
  const std::int64_t count = gradients_[name].numel();
  const std::uint64_t seed =
      seed_ ^ (0x9e3779b97f4a7c15U * (direction.draw + 1)) ^ std::hash<std::string>()(name);
  auto generator = at::detail::createCPUGenerator(seed);
  at::Tensor u = at::randn({count}, generator, at::TensorOptions(at::kFloat));
  if (direction.count >= 0) {
    u.narrow(0, 0, direction.first).zero_();
    const std::int64_t last = direction.first + direction.count;
    u.narrow(0, last, count - last).zero_();
  }
  return u;
}

DirectionalDerivative DirectionalDerivatives::along(const Direction& direction) {
  NamedTensors steps, moved;
  double expected = 0;
  for (const std::string& name : names_) {
    if (direction.tensor && *direction.tensor != name) continue;
    steps.set(name, draw(name, direction));
    expected += sum_of_products(gradients_[name], steps[name]) / norms_.at(name);
    at::Tensor& room = moved_[name];
    if (!room.defined()) room = at::empty_like(objective_.value(name));
    moved.set(name, room);
  }
  const auto f = [&](double t) {
    for (const auto& [name, step] : steps)
      add_scaled(moved[name], objective_.value(name), step, t * unit_ / norms_.at(name));
    return objective_.at(moved);
  };
  const Ladder ladder = first_ > 0 ? Ladder{first_, 4} : Ladder{0.01, 12};
  const Extrapolation found = derivative_at_0(f, ladder, {objective_.here(), objective_.noise()},
                                              accuracy * unit_ * std::sqrt(names_.size()));
  if (first_ == 0 && found.step > 0) first_ = std::min(0.01, 9 * found.step);
  return {expected, {found.slope.value / unit_, found.slope.error / unit_}};
}

}  // namespace gradient_check
