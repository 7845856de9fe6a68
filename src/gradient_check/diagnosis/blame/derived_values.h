#pragma once

#include <vector>

#include "gradient_check/diagnosis/blame/known_values.h"

namespace gradient_check {

/// Values that a backward is written in and the forward never names: softmax(z) where the forward
/// takes log_softmax(z) or cross_entropy(z, …), sigmoid(z) where it takes softplus, logsigmoid or
/// binary_cross_entropy_with_logits of z. Adds them to `known`.
void add_derived_values(std::vector<KnownValue>& known);

}  // namespace gradient_check
