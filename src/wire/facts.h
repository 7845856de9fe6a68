#pragma once

#include <string>
#include <vector>

#include "gradient_check/diagnosis/rule_page.h"

namespace gradient_check::wire {

/// What the part with LibTorch knows and the part without it has to tell.
struct Facts {
  std::string libtorch;         ///< version
  std::string schema;           ///< JSON Schema of case files
  std::vector<RulePage> rules;  ///< in the order of the table
};

/// As JSON, and back. Throws nlohmann::json::exception where the text is no facts.
std::string to_text(const Facts& facts);
Facts facts_from_text(const std::string& text);

}  // namespace gradient_check::wire
