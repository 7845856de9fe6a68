#include "gradient_check/gradient/finite_difference.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>

namespace gradient_check {
namespace {

constexpr std::size_t most_levels = 14;
constexpr double ratio = 3.0;
constexpr double infinity = std::numeric_limits<double>::infinity();

/// A difference quotient at step h.
using Quotient = std::function<double(double step)>;

/// Richardson extrapolation of `quotient` to step 0 over steps first, first/ratio, …; its error
/// expansion has the powers order, 2·order, 3·order, … of the step.
Extrapolation extrapolate(const Quotient& quotient, const Ladder& ladder, int order, double noise,
                          double wanted) {
  std::array<double, most_levels> row{}, previous{};
  Slope best{0, infinity};
  double step = ladder.first, best_step = 0;
  for (std::size_t i = 0; i < std::min(ladder.levels, most_levels); ++i, step /= ratio) {
    row[0] = quotient(step);
    if (!std::isfinite(row[0])) {
      row.fill(std::numeric_limits<double>::quiet_NaN());
      std::swap(row, previous);
      continue;
    }
    // Rounding of f over the step, and of the quotient itself.
    const double rounding =
        2 * noise / step + 4 * std::numeric_limits<double>::epsilon() * std::abs(row[0]);
    if (rounding > best.error || best.error <= wanted) break;
    double power = 1;
    for (std::size_t k = 1; k <= i; ++k) {
      power *= std::pow(ratio, order);
      row[k] = row[k - 1] + (row[k - 1] - previous[k - 1]) / (power - 1);
      const double disagreement =
          std::max(std::abs(row[k] - row[k - 1]), std::abs(row[k] - previous[k - 1]));
      const double error = disagreement + rounding;
      if (error < best.error) {
        best = {row[k], error};
        best_step = step;
      }
    }
    std::swap(row, previous);
  }
  if (!std::isfinite(best.error)) return {{best.value, infinity}, 0};
  best.error += 4 * std::numeric_limits<double>::epsilon() * std::abs(best.value);
  return {best, best_step};
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
  const auto quotient = [&](double step) {
    const double above = x + step, below = x - step;
    return (objective.at(name, index, above) - objective.at(name, index, below)) / (above - below);
  };
  const double first =
      0.1 * std::max(step_rule(objective, name).scale(x), objective.root_mean_square(name));
  return extrapolate(quotient, {first, most_levels}, 2, objective.noise(), 0).slope;
}

Extrapolation derivative_at_0(const std::function<double(double)>& f, const Ladder& ladder,
                              double noise, double wanted) {
  const auto quotient = [&](double step) { return (f(step) - f(-step)) / (2 * step); };
  return extrapolate(quotient, ladder, 2, noise, wanted);
}

OneSidedSlopes one_sided(Objective& objective, const std::string& name, std::int64_t index) {
  const double x = objective.element(name, index);
  const double here = objective();
  const double first = 0.1 * step_rule(objective, name).scale(x);
  const auto side = [&](double sign) {
    return extrapolate(
               [&, sign](double step) {
                 const double moved = x + sign * step;
                 return (objective.at(name, index, moved) - here) / (moved - x);
               },
               {first, most_levels}, 1, objective.noise(), 0)
        .slope;
  };
  return {side(1.0), side(-1.0)};
}

}  // namespace gradient_check
