#pragma once

#include <vector>

#include "gradient_check/diagnosis/culprit.h"
#include "gradient_check/diagnosis/evidence.h"
#include "gradient_check/gradient/evaluations.h"

namespace gradient_check {

/// The stages (layers, the loss) whose own backward is wrong: given the true cotangent of their
/// output they return another gradient than autograd, and by it alone a gradient of the subject
/// becomes wrong. One culprit for each such gradient, named "2.weight" or, the input's, "2.input".
/// Empty where the subject has no stages.
std::vector<Culprit> stage_culprits(const Evaluations& evaluations, const Evidence& evidence);

}  // namespace gradient_check
