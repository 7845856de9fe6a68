#pragma once

#include <functional>
#include <optional>

#include "gradient_check/diagnosis/blame/blame.h"
#include "gradient_check/diagnosis/evidence.h"
#include "gradient_check/gradient/evaluations.h"

namespace gradient_check {

/// Who is to blame for the gradients that `evidence` holds to be wrong: statements where the
/// subject is a program that can be followed, its stages where it is a chain, else the gradients
/// themselves. `passes` is the whole
/// check of an edited program. Empty where nothing is wrong.
Blame blame_for(const Evaluations& evaluations, const Evidence& evidence,
                const std::function<bool(const Subject&)>& passes);

}  // namespace gradient_check
