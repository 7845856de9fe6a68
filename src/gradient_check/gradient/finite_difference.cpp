#include "gradient_check/gradient/finite_difference.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace gradient_check {
namespace {

/// A central difference of f, which is `here` at x.
Difference central(const std::function<double(double)>& f, double here, double x, double step) {
  // The steps taken are the ones the sums round to.
  const double above = x + step, below = x - step;
  const double right = f(above), left = f(below);
  return {(right - left) / (above - below), std::max(std::abs(right), std::abs(left)),
          right - 2 * here + left};
}

}  // namespace

bool OneSidedSlopes::differ() const {
  const double gap = std::abs(right.value - left.value);
  return std::isfinite(gap) && gap > 4 * (right.error + left.error);
}

double StepRule::scale(double element) const {
  const double size = std::max(std::abs(element), 1e-3 * root_mean_square);
  return size > 0 && std::isfinite(size) ? size : 1.0;
}

StepRule step_rule(Objective& objective, const std::string& name) {
  return {objective.root_mean_square(name), objective.noise()};
}

CentralDifference central_difference(const std::function<double(double)>& f, double here,
                                     const StepRule& rule, double x) {
  static const double relative_step = std::cbrt(std::numeric_limits<double>::epsilon());
  const double step = relative_step * rule.scale(x);
  // The steps taken are the ones the sums round to.
  const double above = x + step, below = x - step;
  const double right = f(above), left = f(below);
  return {{(right - left) / (above - below), 2 * rule.noise / (above - below)},
          std::abs((right - here) / (above - x) - (here - left) / (x - below))};
}

CentralDifference central_difference(Objective& objective, const std::string& name,
                                     std::int64_t index) {
  const auto f = [&](double element) { return objective.at(name, index, element); };
  return central_difference(f, objective.here(), step_rule(objective, name),
                            objective.element(name, index));
}

Slope ridders(Objective& objective, const std::string& name, std::int64_t index) {
  const double x = objective.element(name, index);
  const Origin origin{objective.here(), objective.noise()};
  const auto f = [&](double element) { return objective.at(name, index, element); };
  const double first =
      0.1 * std::max(step_rule(objective, name).scale(x), objective.root_mean_square(name));
  return extrapolate([&](double step) { return central(f, origin.value, x, step); }, {first, 14}, 2,
                     origin);
}

Slope derivative_at_0(const std::function<double(double)>& f, const Ladder& ladder,
                      const Origin& origin) {
  return extrapolate([&](double step) { return central(f, origin.value, 0, step); }, ladder, 2,
                     origin);
}

Slope short_difference_at_0(const std::function<double(double)>& f, double step,
                            const Origin& origin) {
  const Difference found = central(f, origin.value, 0, step);
  const double error = (std::abs(found.bend) + 2 * origin.noise) / step;
  return {found.quotient, std::isfinite(error) ? error : std::numeric_limits<double>::infinity()};
}

OneSidedSlopes one_sided(Objective& objective, const std::string& name, std::int64_t index) {
  const double x = objective.element(name, index);
  const Origin origin{objective.here(), objective.noise()};
  const double first = 0.1 * step_rule(objective, name).scale(x);
  const auto side = [&](double sign) {
    const auto difference = [&, sign](double step) {
      const double moved = x + sign * step, f = objective.at(name, index, moved);
      return Difference{(f - origin.value) / (moved - x), std::abs(f), 0};
    };
    return extrapolate(difference, {first, 14}, 1, origin);
  };
  return {side(1.0), side(-1.0)};
}

}  // namespace gradient_check
