#pragma once

#include <string>
#include <vector>

#include "gradient_check/comparison/gradient_result.h"
#include "gradient_check/diagnosis/finding.h"

namespace gradient_check {

/// "-29.3014", "nan", "inf": six significant digits.
std::string number_text(double value);
/// "[0, 1]".
std::string index_text(const std::vector<std::int64_t>& index);
/// "w1", "w1 and w2", "w1, w2 and 3 more".
std::string names_text(const std::vector<std::string>& names);
/// Whether a finding of an error about that subject is there already: about it alone, or about
/// several, which its evidence has as "tensors".
bool is_explained(const std::vector<Finding>& findings, const std::string& subject);
/// "manual -0.02, autograd 0.005, finite differences 0.005 ± 2e-12 at [0, 1]".
std::string values_text(const ElementValues& values);

}  // namespace gradient_check
