#pragma once

#include <vector>

#include "gradient_check/diagnosis/culprit.h"
#include "gradient_check/diagnosis/evidence.h"

namespace gradient_check {

/// The wrong gradients themselves as culprits, where nothing is known of what they were made by:
/// C++ functions, recorded gradients, programs that cannot be followed. A gradient whose wrong
/// value is not explained by a sign, a constant factor, a transposition or another gradient's name
/// gives none.
std::vector<Culprit> tensor_culprits(const Evidence& evidence);

}  // namespace gradient_check
