#pragma once

#include "gradient_check/diagnosis/evidence.h"
#include "gradient_check/gradient/evaluations.h"

namespace gradient_check {

/// The manual gradients whose shape is not their tensor's, in the order of the targets.
std::vector<ShapeDifference> shape_differences(const Evaluations& evaluations);

}  // namespace gradient_check
