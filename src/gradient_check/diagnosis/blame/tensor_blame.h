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

/// Whether a culprit's value is its truth but for a sign, a constant factor or a transposition,
/// relative to `tolerance`; sets `change` and what belongs to it. `values`: what a factor may be
/// made of.
bool explain_whole(Culprit& culprit, double tolerance, const Environment& values);

/// Sets a culprit's error and, where at least a third of its elements are right to within
/// `tolerance`, which are wrong. `conditions`: tensors by name that may tell them apart.
void note_wrong_elements(Culprit& culprit, double tolerance,
                         const std::vector<std::pair<std::string, at::Tensor>>& conditions);

}  // namespace gradient_check
