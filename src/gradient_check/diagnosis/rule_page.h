#pragma once

#include <string>

namespace gradient_check {

/// What there is to read about a rule.
struct RulePage {
  std::string id;
  std::string summary;  ///< in one line
  std::string page;     ///< what it means, why it is a problem, an example, what to write instead
};

}  // namespace gradient_check
