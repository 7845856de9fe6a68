#include "gradient_check/gradient/finite_difference.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace gradient_check {
namespace {

/// Steps of a ladder where rounding does not end it before.
constexpr std::size_t most_steps = 40;

/// A central difference of f, which is `here` at x.
Difference central(const std::function<double(double)>& f, double here, double x, double step) {
  // The steps taken are the ones the sums round to.
  const double above = x + step, below = x - step;
  const double right = f(above), left = f(below);
  return {(right - left) / (above - below), std::max(std::abs(right), std::abs(left)),
          right - 2 * here + left};
}

}  // namespace

bool TwoSides::bends() const {
  const double gap = std::abs(right.value - left.value);
  return std::isfinite(gap) && gap > std::max(least_gap, 4 * (right.error + left.error));
}

double StepRule::scale(double element) const {
  const double size = std::max(std::abs(element), 1e-3 * root_mean_square);
  return size > 0 && std::isfinite(size) ? size : 1.0;
}

double StepRule::own_scale(double element) const {
  return element != 0 && std::isfinite(element) ? std::abs(element) : scale(element);
}

double StepRule::shortest_step(double element) const {
  return narrowed ? 0 : 1e-13 * own_scale(element);
}

StepRule step_rule(Objective& objective, const std::string& name) {
  return {objective.root_mean_square(name), objective.noise(), objective.narrowed()};
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
  const Origin origin = objective.origin();
  const auto f = [&](double element) { return objective.replayed_at(name, index, element); };
  const StepRule rule = step_rule(objective, name);
  const double first = 0.1 * std::max(rule.scale(x), rule.root_mean_square);
  return extrapolate([&](double step) { return central(f, origin.value, x, step); },
                     {first, most_steps, most_steps, rule.shortest_step(x)}, 2, origin);
}

double least_visible_gap(Objective& objective, const std::string& name, std::int64_t index) {
  const Origin origin = objective.origin();
  const double own = step_rule(objective, name).own_scale(objective.element(name, index));
  return 2 * std::min(origin.noise, origin.rounding) / (0.1 * own);
}

ToldApart tell_apart(Objective& objective, const std::string& name, std::int64_t index,
                     double first, double second) {
  const double x = objective.element(name, index), gap = std::abs(first - second);
  const Origin origin = objective.origin();
  const double rounding = std::min(origin.noise, origin.rounding);
  const double least = 4 * std::numeric_limits<double>::epsilon() * std::abs(x);
  // Over longer steps a smooth f bends, too.
  const double most = 1e-2 * step_rule(objective, name).own_scale(x);
  const auto f = [&](double element) { return objective.replayed_at(name, index, element); };
  bool is_first = true, is_second = true, can_turn = true;
  // Two steps: a jump between them and x would give them different quotients.
  for (const double times : {3.0, 1.0}) {
    const double step = times * std::max(24 * rounding / gap, least);
    if (!std::isfinite(step)) return ToldApart::not_told;
    can_turn = can_turn && step <= most;
    const double found = central(f, origin.value, x, step).quotient;
    is_first = is_first && std::abs(found - first) <= 0.1 * gap;
    is_second = is_second && std::abs(found - second) <= 0.1 * gap;
  }
  if (is_first || is_second) return is_first ? ToldApart::first : ToldApart::second;
  return can_turn ? ToldApart::neither : ToldApart::not_told;
}

bool is_reproduced(Objective& objective, const std::string& name, std::int64_t index, double slope,
                   double other) {
  const double x = objective.element(name, index), gap = std::abs(slope - other);
  const Origin origin = objective.origin();
  const StepRule rule = step_rule(objective, name);
  const auto f = [&](double element) { return objective.replayed_at(name, index, element); };
  const double shortest = std::max(24 * std::max(origin.noise, origin.rounding) / gap,
                                   64 * std::numeric_limits<double>::epsilon() * std::abs(x));
  constexpr int most_tries = 12;
  constexpr double stride = 1.37;  // no power of it is one of another ladder's
  double step = shortest;
  int tried = 0;
  for (; tried < most_tries && step <= 0.1 * rule.own_scale(x); ++tried, step *= stride) {
    const double found = central(f, origin.value, x, step).quotient;
    if (!(std::abs(found - slope) <= 0.25 * gap)) return false;
  }
  return tried > 0;
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

namespace {

/// What f does on one side of x.
struct OneSide {
  Slope slope;
  double limit = 0;
};

class SideOfPoint {
 public:
  SideOfPoint(const std::function<double(double)>& f, double x, double sign, const StepRule& rule,
              const Origin& origin)
      : f_(f), x_(x), sign_(sign), rule_(rule), origin_(origin) {}

  OneSide look() const {
    const double base = jumps() ? x_ + sign_ * least() : x_;
    const double limit = base == x_ ? origin_.value : f_(base);
    const auto difference = [&](double step) {
      const double moved = base + sign_ * step, f = f_(moved);
      return Difference{(f - limit) / (moved - base), std::abs(f), 0};
    };
    const Ladder ladder{0.1 * rule_.scale(x_), most_steps, most_steps, rule_.shortest_step(x_)};
    return {extrapolate(difference, ladder, 1, {limit, origin_.noise, origin_.rounding}), limit};
  }

 private:
  /// A few units in the last place of the element.
  double least() const { return 0x1p-50 * rule_.own_scale(x_); }

  /// Whether f is off by the same at the least move and at ones 64 and 4096 times as long: what a
  /// slope does grows with the move, a root's too; a jump does not.
  bool jumps() const {
    const double first = f_(x_ + sign_ * least()) - origin_.value;
    const double size = std::abs(first);
    if (!std::isfinite(first) || size <= 64 * origin_.rounding) return false;
    for (const double factor : {64.0, 4096.0}) {
      const double later = f_(x_ + sign_ * factor * least()) - origin_.value;
      if (!(std::abs(later - first) <= 0.1 * size)) return false;
    }
    return true;
  }

  const std::function<double(double)>& f_;
  double x_, sign_;
  StepRule rule_;
  Origin origin_;
};

}  // namespace

TwoSides two_sides(Objective& objective, const std::string& name, std::int64_t index) {
  const double x = objective.element(name, index);
  const Origin origin = objective.origin();
  const std::function<double(double)> f = [&](double element) {
    return objective.replayed_at(name, index, element);
  };
  const StepRule rule = step_rule(objective, name);
  const OneSide right = SideOfPoint(f, x, 1, rule, origin).look();
  const OneSide left = SideOfPoint(f, x, -1, rule, origin).look();
  return {right.slope, left.slope, origin.value,
          right.limit, left.limit, least_visible_gap(objective, name, index)};
}

}  // namespace gradient_check
