#pragma once

#include <optional>
#include <stdexcept>
#include <string>

#include "gradient_check/report/case_result.h"

namespace gradient_check {

/// The value of an enumeration by the name that to_string gives it. Throws std::invalid_argument.
template <typename Enumeration>
Enumeration from_name(const nlohmann::ordered_json& json, Enumeration last) {
  const auto name = json.get<std::string>();
  for (int i = 0; i <= static_cast<int>(last); ++i)
    if (name == to_string(static_cast<Enumeration>(i))) return static_cast<Enumeration>(i);
  throw std::invalid_argument("unknown name in a report: " + name);
}

/// Writes a number under `key`, nothing where there is none.
void put_number(nlohmann::ordered_json& json, const char* key, const std::optional<double>& value);
std::optional<double> get_number(const nlohmann::ordered_json& json, const char* key);

}  // namespace gradient_check
