#pragma once

#include <string>
#include <vector>

namespace gradient_check {

/// Every rule a finding may carry and `expect.findings` may name.
const std::vector<std::string>& rule_names();
/// What `expect.verdict` may be.
const std::vector<std::string>& verdict_names();
/// What `check.finite_difference` may be.
const std::vector<std::string>& finite_difference_mode_names();

}  // namespace gradient_check
