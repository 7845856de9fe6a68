#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "gradient_check/gradient/extrapolation.h"
#include "gradient_check/gradient/objective.h"

namespace gradient_check {

/// The derivative of a function of one number at 0 by central differences: 2 evaluations a level.
Slope derivative_at_0(const std::function<double(double)>& f, const Ladder& ladder,
                      const Origin& origin);

/// The derivatives from the right and from the left of one point.
struct OneSidedSlopes {
  Slope right, left;
  /// Whether the two differ by more than their errors: a kink.
  bool differ() const;
};

/// (f(x+h) - f(x-h)) / 2h at one step, h = ∛ε · scale(x), and how far the two one-sided quotients
/// at that step lie apart: O(h) where f is smooth, the jump of the slope at a kink.
struct CentralDifference {
  Slope
      slope;  ///< its error holds rounding alone: agreement with a derivative bounds the truncation
  double bend = 0;
};

/// How a step is chosen for the elements of one tensor, and what rounding does to f.
struct StepRule {
  double root_mean_square = 0;  ///< of the tensor's elements
  double noise = 0;             ///< of f, as Objective::noise

  /// The size over which an element may be expected to matter: its own, or where that is tiny
  /// beside its tensor's, a thousandth of theirs; 1 for a tensor of zeros.
  double scale(double element) const;
};

StepRule step_rule(Objective& objective, const std::string& name);

/// Of f, a function of one element alone, which is `x` here, where f is `here`. 2 evaluations.
CentralDifference central_difference(const std::function<double(double element)>& f, double here,
                                     const StepRule& rule, double x);
/// Of an objective. 2 evaluations, and one of f at the point itself, which is kept.
CentralDifference central_difference(Objective& objective, const std::string& name,
                                     std::int64_t index);

/// The derivative by one element, central differences extrapolated. At most 2 · 14 evaluations.
Slope ridders(Objective& objective, const std::string& name, std::int64_t index);

/// One-sided differences extrapolated likewise. At most 2 · 14 evaluations.
OneSidedSlopes one_sided(Objective& objective, const std::string& name, std::int64_t index);

/// The derivative at 0 from one difference over a step so short that a smooth f is straight over it
/// but for rounding: what it bends all the same bounds the kinks within the step, and the error is
/// all of that.
Slope short_difference_at_0(const std::function<double(double)>& f, double step,
                            const Origin& origin);

}  // namespace gradient_check
