#pragma once

#include <cstddef>
#include <functional>

namespace gradient_check {

/// A derivative and a bound on its error.
struct Slope {
  double value = 0;
  double error = 0;
};

/// Steps of a difference: the first, each a third of the one before, at most so many; how many
/// times what they give is extrapolated (once joins each to the one before it alone); and down to
/// which step what was found is held against shorter ones (0: against none).
struct Ladder {
  double first = 0.1;
  std::size_t levels = 14;
  std::size_t extrapolations = 14;
  double shortest = 0;
};

/// f at the point, and the standard deviation of its rounding there.
struct Origin {
  double value = 0;
  double noise = 0;     ///< what points close by show of it included
  double rounding = 0;  ///< what it must be at least; above it `noise` may be f's own stairs
};

/// A difference of f at one step h.
struct Difference {
  double quotient = 0;  ///< (f(x+h) - f(x-h)) / 2h, or one-sided
  double size = 0;      ///< the largest |f| that went into it
  double bend = 0;      ///< f(x+h) - 2 f(x) + f(x-h); 0 where one-sided
};

/// Extrapolates a difference to step 0 over a ladder of steps (Ridders 1982, Adv. Eng. Softw. 4(2);
/// Press et al., Numerical Recipes §5.7); its error expansion has the powers `order`, 2 · `order`,
/// … of the step. The error is the tableau's own estimate plus the rounding of f over the step.
///
/// Convergence alone proves nothing: over steps that are wider than a feature of f at x (a stair, a
/// pole, a kink beside it) a difference converges to the slope of what it sees from afar, at times
/// exactly. Three things speak against it:
///  - Where bend does not fall with the step, f has a feature within it: such levels do not count.
///  - A smooth f bends by the square of the step; what it bends otherwise comes from kinks within
///    the step, which move the difference by half of that over the step: the error holds it too.
///  - Shorter steps, down to `ladder.shortest`, as long as their rounding lets them tell: where one
///    contradicts what was found by more than both errors, all that was found before is dropped,
///    and a new ladder begins there. Stairs and noise look alike from afar; close by, f does not
///    move on a stair, which noise alone above its rounding never looks like.
/// Ends early where rounding alone is above the error.
Slope extrapolate(const std::function<Difference(double step)>& difference, const Ladder& ladder,
                  int order, const Origin& origin);

}  // namespace gradient_check
