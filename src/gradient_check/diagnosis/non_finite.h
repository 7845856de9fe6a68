#pragma once

#include "gradient_check/diagnosis/evidence.h"
#include "gradient_check/gradient/evaluations.h"

namespace gradient_check {

/// The first element of each of the case's own tensors that is not finite.
std::vector<NonFiniteInput> non_finite_inputs(const NamedTensors& values);

/// Where the loss or a gradient is not finite: puts into the evidence where that was born, and what
/// makes it finite; and which of the case's own values that are not finite do no harm. The
/// evidence holds the losses, the compared tensors and the inputs already.
void find_where_non_finite(const Evaluations& evaluations, Evidence& evidence);

/// Takes from the culprits those that a birth tells of already: what is not finite, and what else
/// is said of the line where that was born, whose fix the birth is given.
void drop_what_births_tell(Evidence& evidence);

}  // namespace gradient_check
