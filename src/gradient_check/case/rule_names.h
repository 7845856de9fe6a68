#pragma once

#include <string>
#include <vector>

namespace gradient_check {

/// Every rule a finding may carry and `expect.findings` may name.
const std::vector<std::string>& rule_names();
/// What `expect.verdict` may be.
const std::vector<std::string>& verdict_names();
/// What `check.finite_difference` may be.
/// Parts of an evaluation; "backward" stands for the manual one and autograd's.
const std::vector<std::string>& phase_names();
const std::vector<std::string>& finite_difference_mode_names();

}  // namespace gradient_check
