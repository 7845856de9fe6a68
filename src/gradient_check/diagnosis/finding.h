#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "gradient_check/subject/subject.h"

namespace gradient_check {

enum class Severity { error, warning, note };
const char* to_string(Severity severity);

/// One diagnosed problem, made by one rule. `message` says what is wrong, `help` what to write
/// instead; both in lower case, without a full stop.
struct Finding {
  std::string rule;
  Severity severity = Severity::error;
  std::string message;
  std::string subject;  ///< the tensor or value it is about
  std::optional<Place> place;
  nlohmann::ordered_json evidence = nlohmann::ordered_json::object();
  std::string help;
};

}  // namespace gradient_check
