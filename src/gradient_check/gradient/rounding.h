#pragma once

#include <map>
#include <string>

#include "gradient_check/gradient/evaluation.h"

namespace gradient_check {

/// How far a gradient computed in a narrower dtype lies from the one in float64.
struct GradientRounding {
  double largest = 0;  ///< |difference|, of the finite elements
  bool finite = true;  ///< whether all of its elements are
};

/// What autograd in a narrower dtype shows of the rounding of a computation.
struct Rounding {
  at::Tensor output;   ///< in that dtype; undefined where the forward cannot be run in it
  bool finite = true;  ///< output and gradients
  std::map<std::string, GradientRounding> gradients;
};

/// Holds an evaluation in another dtype against one in float64. One that was not possible is
/// without a tensor and shows nothing.
Rounding rounding_of(const Evaluation& narrow, const Evaluation& wide);

}  // namespace gradient_check
