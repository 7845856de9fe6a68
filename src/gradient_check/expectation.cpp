#include "gradient_check/expectation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace gradient_check {
namespace {

bool same_file(const std::string& expected, const std::string& found) {
  return found == expected ||
         (found.size() > expected.size() &&
          found.compare(found.size() - expected.size(), expected.size(), expected) == 0 &&
          found[found.size() - expected.size() - 1] == '/');
}

bool same_phase(const std::string& expected, const std::string& found) {
  return expected == found ||
         (expected == "backward" && (found == "manual" || found == "autograd"));
}

/// What a finding's evidence holds under that key; null where it holds nothing.
nlohmann::ordered_json evidence_of(const Finding& finding, const char* key) {
  return finding.evidence.contains(key) ? finding.evidence.at(key) : nlohmann::ordered_json();
}

bool matches_evidence(const ExpectedFinding& expected, const Finding& finding) {
  const auto phase = evidence_of(finding, "phase");
  return (!expected.phase ||
          (phase.is_string() && same_phase(*expected.phase, phase.get<std::string>()))) &&
         (!expected.index || evidence_of(finding, "index") == *expected.index) &&
         (!expected.step || evidence_of(finding, "step") == *expected.step);
}

bool matches(const ExpectedFinding& expected, const Finding& finding) {
  const auto place = finding.place.value_or(Place{});
  return matches_evidence(expected, finding) &&
         (!expected.rule || *expected.rule == finding.rule) &&
         (!expected.subject || *expected.subject == finding.subject) &&
         (!expected.severity || *expected.severity == to_string(finding.severity)) &&
         (!expected.line || static_cast<std::size_t>(*expected.line) == place.line) &&
         (!expected.column || static_cast<std::size_t>(*expected.column) == place.column) &&
         (!expected.file || same_file(*expected.file, place.file));
}

std::string describe(const ExpectedFinding& expected) {
  std::vector<std::string> parts;
  if (expected.rule) parts.push_back(*expected.rule);
  if (expected.subject) parts.push_back("about " + *expected.subject);
  if (expected.phase) parts.push_back(fmt::format("in phase {}", *expected.phase));
  if (expected.step) parts.push_back(fmt::format("at step {}", *expected.step));
  if (expected.index) parts.push_back(fmt::format("at [{}]", fmt::join(*expected.index, ", ")));
  if (expected.line) parts.push_back(fmt::format("at line {}", *expected.line));
  return fmt::format("{}", fmt::join(parts, " "));
}

std::string first_unmet(const Expectation& expectation, const CaseResult& result) {
  if (expectation.verdict && *expectation.verdict != to_string(result.verdict))
    return fmt::format("expected verdict {}, found {}", *expectation.verdict,
                       to_string(result.verdict));
  for (const ExpectedFinding& expected : expectation.findings)
    if (std::none_of(result.findings.begin(), result.findings.end(),
                     [&](const Finding& finding) { return matches(expected, finding); }))
      return fmt::format("expected a finding that is not there: {}", describe(expected));
  if (expectation.findings.empty()) return "";
  for (const Finding& finding : result.findings)
    if (finding.severity == Severity::error &&
        std::none_of(expectation.findings.begin(), expectation.findings.end(),
                     [&](const ExpectedFinding& expected) { return matches(expected, finding); }))
      return fmt::format("a finding that was not expected: {}: {}", finding.rule, finding.message);
  return "";
}

}  // namespace

void apply_expectation(const Expectation& expectation, CaseResult& result) {
  result.unmet = first_unmet(expectation, result);
  result.as_expected = result.unmet.empty();
}

}  // namespace gradient_check
