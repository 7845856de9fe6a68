#include "gradient_check/gradient/extrapolation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace gradient_check {
namespace {

constexpr std::size_t most_levels = 14;
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

/// Neville's tableau, a row a step.
class Tableau {
 public:
  Tableau(int order, const Ladder& ladder, const Origin& origin)
      : factor_(std::pow(ratio, order)), columns_(ladder.extrapolations), origin_(origin) {}

  const Slope& best() const { return best_; }

  /// Whether smaller steps may do better.
  bool add(const Difference& found, double step) {
    row_[0] = found.quotient;
    if (!std::isfinite(row_[0])) {
      row_.fill(std::numeric_limits<double>::quiet_NaN());
      bend_ = infinity;
      return next();
    }
    const double noise = noise_at(found.size, origin_);
    // Rounding of f over the step, and of the quotient itself.
    const double rounding = 2 * noise / step + 4 * epsilon * std::abs(row_[0]);
    if (rounding > best_.error) return false;
    const bool resolved = std::abs(found.bend) <= 0.5 * std::abs(bend_) + 8 * noise;
    const double kinks = kinks_within(found.bend, noise) / (2 * ratio * step);
    bend_ = found.bend;
    double power = 1;
    for (std::size_t k = 1; k <= std::min(level_, columns_); ++k) {
      power *= factor_;
      row_[k] = row_[k - 1] + (row_[k - 1] - previous_[k - 1]) / (power - 1);
      const double error =
          std::max(std::abs(row_[k] - row_[k - 1]), std::abs(row_[k] - previous_[k - 1])) +
          rounding + kinks;
      if (resolved && error < best_.error) best_ = {row_[k], error};
    }
    return next();
  }

 private:
  bool next() {
    std::swap(row_, previous_);
    ++level_;
    return true;
  }

  /// What the step before bends beyond what a smooth f does that bends by `bend` over this one.
  double kinks_within(double bend, double noise) const {
    constexpr double smooth = ratio * ratio;
    if (!std::isfinite(bend_)) return 0;
    return std::max(0.0, std::abs(bend_ - smooth * bend) - 6 * (1 + smooth) * noise);
  }

  double factor_;
  std::size_t columns_;
  Origin origin_;
  std::array<double, most_levels> row_{}, previous_{};
  std::size_t level_ = 0;
  double bend_ = infinity;  ///< of the step before
  Slope best_{0, infinity};
};

}  // namespace

Slope extrapolate(const std::function<Difference(double)>& difference, const Ladder& ladder,
                  int order, const Origin& origin) {
  Tableau tableau(order, ladder, origin);
  double step = ladder.first;
  for (std::size_t i = 0; i < std::min(ladder.levels, most_levels); ++i, step /= ratio)
    if (!tableau.add(difference(step), step)) break;
  Slope best = tableau.best();
  if (std::isfinite(best.error)) best.error += 4 * epsilon * std::abs(best.value);
  return best;
}

}  // namespace gradient_check
