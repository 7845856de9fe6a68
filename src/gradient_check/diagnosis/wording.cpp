#include "gradient_check/diagnosis/wording.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace gradient_check {

std::string number_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return fmt::format("{:.6g}", value);
}

std::string index_text(const std::vector<std::int64_t>& index) {
  return fmt::format("[{}]", fmt::join(index, ", "));
}

std::string names_text(const std::vector<std::string>& names) {
  if (names.empty()) return "nothing";
  if (names.size() == 1) return names[0];
  if (names.size() > 4)
    return fmt::format("{}, {}, {} and {} more", names[0], names[1], names[2], names.size() - 3);
  return fmt::format("{} and {}", fmt::join(names.begin(), names.end() - 1, ", "), names.back());
}

bool is_explained(const std::vector<Finding>& findings, const std::string& subject) {
  const auto is_about = [&](const Finding& finding) {
    if (finding.subject == subject) return true;
    const auto tensors = finding.evidence.find("tensors");
    return tensors != finding.evidence.end() &&
           std::find(tensors->begin(), tensors->end(), subject) != tensors->end();
  };
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.severity == Severity::error && is_about(finding);
  });
}

std::string values_text(const ElementValues& values) {
  std::vector<std::string> parts;
  if (values.manual) parts.push_back("manual " + number_text(*values.manual));
  if (values.autograd) parts.push_back("autograd " + number_text(*values.autograd));
  if (values.finite_difference)
    parts.push_back(fmt::format("finite differences {} ± {:.1g}",
                                number_text(*values.finite_difference),
                                values.finite_difference_error.value_or(0)));
  const std::string at = values.index.empty() ? "" : " at " + index_text(values.index);
  return fmt::format("{}{}", fmt::join(parts, ", "), at);
}

const char* to_string(Severity severity) {
  static constexpr const char* names[] = {"error", "warning", "note"};
  return names[static_cast<std::size_t>(severity)];
}

}  // namespace gradient_check
