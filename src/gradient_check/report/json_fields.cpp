#include "gradient_check/report/json_fields.h"

#include <cmath>
#include <limits>

namespace gradient_check {

nlohmann::ordered_json number_to_json(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

double number_from_json(const nlohmann::ordered_json& json) {
  if (json.is_number()) return json.get<double>();
  const auto text = json.get<std::string>();
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (text == "inf") return std::numeric_limits<double>::infinity();
  if (text == "-inf") return -std::numeric_limits<double>::infinity();
  throw std::invalid_argument("not a number in a report: " + text);
}

std::vector<std::int64_t> whole_numbers(const nlohmann::ordered_json& json) {
  if (!json.is_array()) throw std::invalid_argument("not a list of numbers in a report");
  std::vector<std::int64_t> numbers;
  numbers.reserve(json.size());
  for (const auto& number : json) numbers.push_back(whole(number));
  return numbers;
}

void put_number(nlohmann::ordered_json& json, const char* key, const std::optional<double>& value) {
  if (value) json[key] = number_to_json(*value);
}

std::optional<double> get_number(const nlohmann::ordered_json& json, const char* key) {
  if (!json.contains(key)) return std::nullopt;
  return number_from_json(json.at(key));
}

}  // namespace gradient_check
