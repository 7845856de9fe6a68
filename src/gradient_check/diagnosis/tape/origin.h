#pragma once

#include <string>
#include <vector>

#include "gradient_check/diagnosis/tape/taped.h"

namespace gradient_check {

/// Why an element is what it is, a sentence for each step back: "`1 - p` is 0 because `p` is 1",
/// "`torch.sigmoid(l2)` rounds to 1 in float32: it is 5.9e-08 below 1 in float64". Goes back
/// through elementwise operations, sums and views whose values are kept, as far as that tells
/// something.
std::vector<std::string> explain_value(const TapedEvaluation& taped, std::size_t operation,
                                       std::int64_t element, at::ScalarType dtype);

/// What the program calls the value an operation gives: the variable it is assigned to, or the
/// expression.
std::string value_name(const Operation& operation);

}  // namespace gradient_check
