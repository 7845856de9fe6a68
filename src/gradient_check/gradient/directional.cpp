#include "gradient_check/gradient/directional.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "gradient_check/gradient/parallel.h"
#include "gradient_check/gradient/scan.h"

namespace gradient_check {
namespace {

/// A direction needs no more: the gradient's own rounding is of this size.
constexpr double accuracy = 1e-9;
/// Of a step to the next one, in search of one without a kink.
constexpr double descent = 8;
/// Elements that are drawn from one generator.
constexpr std::int64_t run = 1 << 16;

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

/// float32 normals are drawn many times sooner than float64 ones, and are as good a direction. A
/// part of the tensor gets the numbers that the whole of it gets there.
LineStep DirectionalDerivatives::draw(const std::string& name, const Direction& direction) const {
  const std::int64_t elements = gradients_[name].numel();
  const std::int64_t last = direction.count < 0 ? elements : direction.first + direction.count;
  at::Tensor u = at::empty({last - direction.first}, at::kFloat);
  const std::uint64_t seed =
      seed_ ^ (0x9e3779b97f4a7c15U * (direction.draw + 1)) ^ std::hash<std::string>()(name);
  const std::int64_t first_run = direction.first / run;
  parallel_items((last + run - 1) / run - first_run, 1, [&](std::size_t, std::int64_t item) {
    const std::int64_t start = (first_run + item) * run, count = std::min(run, elements - start);
    auto generator = at::detail::createCPUGenerator(seed + 0xbf58476d1ce4e5b9U *
                                                               static_cast<std::uint64_t>(start));
    const std::int64_t from = std::max(start, direction.first), to = std::min(start + count, last);
    const at::Tensor part = u.narrow(0, from - direction.first, to - from);
    if (to - from == count)
      part.normal_(0, 1, generator);
    else
      part.copy_(at::empty({count}, at::kFloat)
                     .normal_(0, 1, generator)
                     .narrow(0, from - start, to - from));
  });
  return {u, direction.first, unit_ / norms_.at(name)};
}

DirectionalDerivative DirectionalDerivatives::along(const Direction& direction) {
  Line line;
  double expected = 0;
  for (const std::string& name : names_) {
    if (direction.tensor && *direction.tensor != name) continue;
    const LineStep& step = line[name] = draw(name, direction);
    expected +=
        sum_of_products(gradients_[name].reshape(-1).narrow(0, step.first, step.direction.numel()),
                        step.direction) /
        norms_.at(name);
  }
  const Slope slope = slope_along(line);
  return {expected, {slope.value / unit_, slope.error / unit_}};
}

Slope DirectionalDerivatives::slope_along(const Line& line) {
  const auto f = [&](double t) { return objective_.along(line, t); };
  const Origin origin{objective_.here(), objective_.rounding(), objective_.rounding()};
  const double wanted = accuracy * unit_ * std::sqrt(static_cast<double>(line.size()));
  const double largest = std::clamp(origin.noise / wanted, 1e-4, 1e-2);
  Slope best{0, std::numeric_limits<double>::infinity()};
  if (!kinked_) {
    best = derivative_at_0(f, {largest, 2, 1}, origin);
    kinked_ = !(best.error <= 1e3 * wanted + 4 * origin.noise / largest);
  }
  if (!kinked_) return best;
  double step = step_ > 0 ? step_ : largest / (3 * descent);
  for (int k = 0; k < 8 && 2 * origin.noise / step < best.error; ++k, step /= descent) {
    if (best.error <= 4 * error_) break;
    const Slope found = short_difference_at_0(f, step, origin);
    if (!(found.error < best.error)) continue;
    best = found;
    step_ = step;
  }
  if (error_ == 0 && std::isfinite(best.error)) error_ = best.error;
  return best;
}

}  // namespace gradient_check
