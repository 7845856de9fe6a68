#include "gradient_check/gradient/rounding.h"

#include "gradient_check/gradient/scan.h"

namespace gradient_check {

Rounding rounding_of(const Evaluation& narrow, const Evaluation& wide) {
  Rounding rounding{narrow.output, is_finite(narrow.output), {}};
  for (const auto& [name, gradient] : narrow.gradients) {
    const GradientRounding here{largest_difference(gradient, wide.gradients[name]),
                                is_finite(gradient)};
    rounding.finite = rounding.finite && here.finite;
    rounding.gradients[name] = here;
  }
  return rounding;
}

}  // namespace gradient_check
