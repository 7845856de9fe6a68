#include "gradient_check/gradient/extrapolation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

namespace gradient_check {
namespace {

constexpr std::size_t most_levels = 40;
constexpr double ratio = 3.0;
constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double infinity = std::numeric_limits<double>::infinity();

/// The rounding of f where it is of another size than at the origin: as much of it as there, or as
/// large a part of it, within reason.
double noise_at(double size, const Origin& origin) {
  const double part =
      std::min(1024 * epsilon, origin.noise / std::max(std::abs(origin.value), 1e-300));
  return std::max(origin.noise, part * size) + 4 * std::numeric_limits<double>::denorm_min();
}

/// Rounding of f over the step, and of the quotient itself.
double rounding_of(const Difference& found, double step, const Origin& origin) {
  return 2 * noise_at(found.size, origin) / step + 4 * epsilon * std::abs(found.quotient);
}

/// What f's rounding may be at most, and at least.
Origin noisiest(const Origin& origin) {
  return {origin.value, std::max(origin.noise, origin.rounding), origin.rounding};
}
Origin quietest(const Origin& origin) { return {origin.value, origin.rounding, origin.rounding}; }

/// Neville's tableau, a row a step.
class Tableau {
 public:
  Tableau(int order, const Ladder& ladder, const Origin& origin)
      : order_(order),
        factor_(std::pow(ratio, order)),
        columns_(ladder.extrapolations),
        origin_(origin) {}

  const Slope& best() const { return best_; }
  double step_at_best() const { return step_at_best_; }
  /// Whether f has another slope over that shorter step than the best so far, by more than rounding
  /// and the truncation of a smooth f, which falls with the power `order` of the step, account for.
  bool is_contradicted(const Difference& shorter, double step, double rounding) const {
    const double truncation =
        std::abs(quotient_at_best_ - best_.value) * std::pow(step / step_at_best_, order_);
    return !(std::abs(shorter.quotient - best_.value) <= best_.error + 4 * (rounding + truncation));
  }

  /// Whether smaller steps may do better.
  bool add(const Difference& found, double step) {
    row_[0] = found.quotient;
    if (!std::isfinite(row_[0])) {
      level_ = 0;
      bend_ = infinity;
      return true;
    }
    const double noise = noise_at(found.size, origin_);
    const double rounding = rounding_of(found, step, origin_);
    if (rounding > best_.error) return false;
    // Kinks within the steps no longer show where rounding is a good part of what they do.
    if (std::isfinite(best_.error) &&
        rounding > 0.03 * std::max(std::abs(best_.value), best_.error))
      return false;
    if (std::isfinite(best_.error) && is_contradicted(found, step, rounding)) {
      // Less than what an operator's own terms may round to is noise, and so is all that follows.
      if (!is_contradicted(found, step, rounding_of(found, step, noisiest(origin_)))) return false;
      best_ = {0, infinity};
    }
    // What an operator's own terms may round to, where that leaves six digits.
    const double hidden = rounding_of(found, step, noisiest(origin_)) - rounding;
    // Terms inside an operator may round to stairs that no table of f's values shows.
    const double stairs = noise_at(found.size, noisiest(origin_));
    const bool resolved = std::abs(found.bend) <= 0.5 * std::abs(bend_) + 8 * stairs;
    const double kinks = kinks_within(found.bend, noise) / (2 * ratio * step);
    bend_ = found.bend;
    double power = 1;
    for (std::size_t k = 1; k <= std::min(level_, columns_); ++k) {
      power *= factor_;
      row_[k] = row_[k - 1] + (row_[k - 1] - previous_[k - 1]) / (power - 1);
      const double error =
          std::max(std::abs(row_[k] - row_[k - 1]), std::abs(row_[k] - previous_[k - 1])) +
          rounding + std::min(hidden, 1e-6 * std::abs(row_[k])) + kinks;
      if (!resolved || !(error < 0.9 * best_.error)) continue;
      best_ = {row_[k], error};
      quotient_at_best_ = found.quotient;
      step_at_best_ = step;
    }
    return next();
  }

 private:
  bool next() {
    std::swap(row_, previous_);
    return ++level_ < most_levels;
  }

  /// What the step before bends beyond what a smooth f does that bends by `bend` over this one.
  double kinks_within(double bend, double noise) const {
    constexpr double smooth = ratio * ratio;
    if (!std::isfinite(bend_)) return 0;
    return std::max(0.0, std::abs(bend_ - smooth * bend) - 6 * (1 + smooth) * noise);
  }

  int order_;
  double factor_;
  std::size_t columns_;
  Origin origin_;
  double quotient_at_best_ = 0, step_at_best_ = infinity;
  std::array<double, most_levels> row_{}, previous_{};
  std::size_t level_ = 0;
  double bend_ = infinity;  ///< of the step before
  Slope best_{0, infinity};
};

/// Descends the ladder, and again below each step that contradicts what stood above it.
class Descent {
 public:
  Descent(const std::function<Difference(double)>& difference, const Ladder& ladder, int order,
          const Origin& origin)
      : difference_(difference), ladder_(ladder), order_(order), origin_(origin) {}

  Slope run() {
    double step = ladder_.first;
    std::optional<Slope> farther;  // as seen over longer steps, and contradicted by shorter ones
    while (true) {
      Tableau tableau(order_, ladder_, origin_);
      for (std::size_t i = 0; i < ladder_.levels; step /= ratio) {
        const Difference found = difference_(step);
        if (!tableau.add(found, step)) break;
        // Steps that leave f's domain do not count, where shorter ones are at hand.
        if (std::isfinite(found.quotient) || step < ladder_.shortest || ladder_.shortest == 0) ++i;
      }
      const auto contradicting = contradiction(tableau, step);
      if (!contradicting) {
        Slope best = tableau.best();
        best.error = std::max(best.error, doubt_);
        if (farther && !is_steady(tableau))
          best.error = std::max(best.error, farther->error + std::abs(farther->value - best.value));
        return best;
      }
      if (std::isfinite(tableau.best().error)) farther = tableau.best();
      step = *contradicting;
      origin_.noise = std::min(origin_.noise, origin_.rounding);
    }
  }

 private:
  /// The first of ever shorter steps at which f has another slope than was found, if any.
  std::optional<double> contradiction(const Tableau& found, double step) {
    constexpr double stride = ratio * ratio * ratio;
    const Slope& best = found.best();
    doubt_ = 0;
    if (!(ladder_.shortest > 0)) return std::nullopt;
    if (!std::isfinite(best.error))
      return step >= ladder_.shortest ? std::optional(step) : std::nullopt;
    for (step /= stride; step >= ladder_.shortest; step /= stride) {
      const Difference shorter = difference_(step);
      const auto contradicts = [&](const Origin& origin) {
        return found.is_contradicted(shorter, step, rounding_of(shorter, step, origin));
      };
      if (contradicts(noisiest(origin_))) return step;
      // Not all of the noise need be that of what moves here; how much is, is not known.
      if (contradicts(quietest(origin_)) && is_confirmed(best, shorter, step / ratio))
        doubt_ = std::max(doubt_, 2 * std::abs(shorter.quotient - best.value));
    }
    return std::nullopt;
  }

  /// Whether f keeps to the slope found over ever shorter steps, within its rounding. Noise above
  /// what is known of it does not, and may have been all that contradicted the slope seen before.
  bool is_steady(const Tableau& found) const {
    double step = found.step_at_best();
    for (int tried = 0; tried < 6; ++tried) {
      step /= ratio;
      const Difference shorter = difference_(step);
      if (found.is_contradicted(shorter, step, rounding_of(shorter, step, noisiest(origin_))))
        return false;
    }
    return true;
  }

  /// Whether that step shows the same other slope as the one before it, as noise does not.
  bool is_confirmed(const Slope& best, const Difference& before, double step) const {
    const Difference again = difference_(step);
    const double gap = std::abs(before.quotient - best.value);
    const double moved = step * std::max(std::abs(best.value), std::abs(again.quotient));
    return moved > 16 * epsilon * again.size &&
           std::abs(again.quotient - before.quotient) <= 0.1 * gap;
  }

  const std::function<Difference(double)>& difference_;
  const Ladder& ladder_;
  int order_;
  Origin origin_;
  double doubt_ = 0;  ///< how far off the slope may be by what rounding may hide
};

}  // namespace

Slope extrapolate(const std::function<Difference(double)>& difference, const Ladder& ladder,
                  int order, const Origin& origin) {
  Slope best = Descent(difference, ladder, order, origin).run();
  if (std::isfinite(best.error)) best.error += 4 * epsilon * std::abs(best.value);
  return best;
}

}  // namespace gradient_check
