#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

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

/// A whole number of a report, for whichever integer type it is given to. There it throws
/// std::invalid_argument where it is none, or none of that type: nlohmann_json would convert 1e300.
class WholeNumber {
 public:
  explicit WholeNumber(const nlohmann::ordered_json& json) : json_(json) {}
  template <std::integral Integer>
  operator Integer() const {
    if (json_.is_number_unsigned()) return fitting<Integer>(json_.get<std::uint64_t>());
    if (json_.is_number_integer()) return fitting<Integer>(json_.get<std::int64_t>());
    throw std::invalid_argument("not a whole number in a report: " + json_.dump().substr(0, 40));
  }

 private:
  template <typename Integer, typename Value>
  static Integer fitting(Value value) {
    if (std::in_range<Integer>(value)) return static_cast<Integer>(value);
    throw std::invalid_argument("a number too large in a report: " + std::to_string(value));
  }
  const nlohmann::ordered_json& json_;
};

inline WholeNumber whole(const nlohmann::ordered_json& json) { return WholeNumber(json); }
std::vector<std::int64_t> whole_numbers(const nlohmann::ordered_json& json);

/// Writes a number under `key`, nothing where there is none.
void put_number(nlohmann::ordered_json& json, const char* key, const std::optional<double>& value);
std::optional<double> get_number(const nlohmann::ordered_json& json, const char* key);

}  // namespace gradient_check
