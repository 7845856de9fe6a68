#pragma once

#include <string>
#include <vector>

#include "gradient_check/diagnosis/evidence.h"
#include "gradient_check/diagnosis/finding.h"

namespace gradient_check {

/// A row of the table of rules: its id, what it says in one line, its page, and its check.
struct Rule {
  const char* id;
  const char* summary;
  const char* page;  ///< what it means, why it is a problem, an example, what to write instead
  /// `so_far` holds what the rules above this one in the table found.
  std::vector<Finding> (*check)(const Evidence& evidence, const std::vector<Finding>& so_far);
};

/// All rules, in the order in which they are asked: the more specific first.
const std::vector<const Rule*>& rules();

/// The findings of all rules.
std::vector<Finding> diagnose(const Evidence& evidence);

}  // namespace gradient_check
