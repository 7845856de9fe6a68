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

/// What f does on both sides of a point: its limits there, and the slopes of what it continues to.
struct TwoSides {
  Slope right, left;
  double here = 0;                         ///< f at the point
  double right_limit = 0, left_limit = 0;  ///< `here` where f is continuous from that side
  /// As least_visible_gap: one-sided slopes from afar differ by less where f turns beside the
  /// point, nearer than its rounding lets a step see.
  double least_gap = 0;
  /// Whether the slopes differ by more than their errors, and visibly so: a kink.
  bool bends() const;
  /// Whether a limit is not f at the point: a jump.
  bool jumps() const { return right_limit != here || left_limit != here; }
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
  bool narrowed = false;        ///< as Objective::narrowed

  /// The size over which an element may be expected to matter: its own, or where that is tiny
  /// beside its tensor's, a thousandth of theirs; 1 for a tensor of zeros.
  double scale(double element) const;
  /// The size over which it matters at least: its own, however small; as above for 0.
  double own_scale(double element) const;
  /// Down to which step a difference is held against shorter ones: a small part of the element's
  /// own size. 0, none, where f is narrowed.
  double shortest_step(double element) const;
};

StepRule step_rule(Objective& objective, const std::string& name);

/// Of f, a function of one element alone, which is `x` here, where f is `here`. 2 evaluations.
CentralDifference central_difference(const std::function<double(double element)>& f, double here,
                                     const StepRule& rule, double x);
/// Of an objective. 2 evaluations, and one of f at the point itself, which is kept.
CentralDifference central_difference(Objective& objective, const std::string& name,
                                     std::int64_t index);

/// The derivative by one element, central differences extrapolated from a tenth of its tensor's
/// size down to where rounding hides what f does. At most 2 · 14 evaluations where f is smooth over
/// all of that, and some to make sure of it.
Slope ridders(Objective& objective, const std::string& name, std::int64_t index);

/// How far from another a slope must be to show above f's rounding at the element's own scale.
double least_visible_gap(Objective& objective, const std::string& name, std::int64_t index);

/// Which of two slopes f has over the shortest steps that tell them apart above rounding.
enum class ToldApart {
  first,
  second,
  neither,  ///< f turns or jumps within them
  not_told  ///< no step is short enough to tell more than a ladder does
};

/// It settles what no ladder can where f turns on a scale finer than its steps (fmod by a small
/// number): there longer ones converge to what f does from afar. 4 evaluations.
ToldApart tell_apart(Objective& objective, const std::string& name, std::int64_t index,
                     double first, double second);

/// Whether every one of a dozen short steps, from where f's known rounding lets them tell on and
/// within a tenth of the element's own size, shows the one slope and not the other. Noise above
/// what is known of it scatters them, and over a stair f does not move: what a ladder found is not
/// f's own then.
bool is_reproduced(Objective& objective, const std::string& name, std::int64_t index, double slope,
                   double other);

/// One-sided differences extrapolated likewise, and the limits.
TwoSides two_sides(Objective& objective, const std::string& name, std::int64_t index);

/// The derivative at 0 from one difference over a step so short that a smooth f is straight over it
/// but for rounding: what it bends all the same bounds the kinks within the step, and the error is
/// all of that.
Slope short_difference_at_0(const std::function<double(double)>& f, double step,
                            const Origin& origin);

}  // namespace gradient_check
