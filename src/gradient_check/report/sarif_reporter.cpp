#include <fmt/format.h>

#include <filesystem>
#include <map>

#include "gradient_check/report/printable.h"
#include "gradient_check/report/reporter.h"

// SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

namespace gradient_check {
namespace {

using SarifJson = nlohmann::ordered_json;

/// Results that are no rule's finding.
constexpr const char* case_error = "case-error";
constexpr const char* unmet_expectation = "unmet-expectation";

/// A path as a URI reference: relative ones stay so, what has a meaning in a URI is escaped.
std::string uri_of(const std::string& path) {
  std::string uri = std::filesystem::path(path).is_absolute() ? "file://" : "";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/+@").find(c) != std::string_view::npos;
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

SarifJson text_message(const std::string& text) { return {{"text", printable(text)}}; }

/// A program inside a case file has no lines of its own that a viewer could show.
SarifJson physical_location(const Place& place) {
  const std::size_t fragment = place.file.find("#/program");
  SarifJson location{{"artifactLocation", {{"uri", uri_of(place.file.substr(0, fragment))}}}};
  if (place.line == 0 || fragment != std::string::npos) return location;
  SarifJson region{{"startLine", place.line}};
  if (place.column > 0) {
    region["startColumn"] = place.column;
    region["endColumn"] = place.column + std::max<std::size_t>(place.width, 1);
  }
  location["region"] = std::move(region);
  if (!place.source_line.empty())
    location["contextRegion"] = {{"startLine", place.line},
                                 {"snippet", text_message(place.source_line)}};
  return location;
}

/// FNV-1a of what stays when lines move: viewers tell by it whether a result is new.
std::string fingerprint_of(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3U;
  }
  return fmt::format("{:016x}", hash);
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  return first == text.npos ? "" : text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

const char* sarif_level(Severity severity) {
  if (severity == Severity::error) return "error";
  return severity == Severity::warning ? "warning" : "note";
}

SarifJson fix_of(const Finding& finding) {
  const Fix& fix = *finding.fix;
  SarifJson replacement{{"deletedRegion",
                         {{"startLine", fix.line},
                          {"startColumn", fix.column},
                          {"endLine", fix.end_line},
                          {"endColumn", fix.end_column}}},
                        {"insertedContent", text_message(fix.replacement)}};
  SarifJson change{{"artifactLocation", {{"uri", uri_of(finding.place->file)}}},
                   {"replacements", SarifJson::array({std::move(replacement)})}};
  return {{"description", text_message(finding.help.empty() ? "verified fix" : finding.help)},
          {"artifactChanges", SarifJson::array({std::move(change)})}};
}

/// How a value that is not finite went from its birth to the loss.
SarifJson code_flow_of(const std::vector<ChainLink>& chain) {
  SarifJson locations = SarifJson::array();
  for (const ChainLink& link : chain) {
    SarifJson location{{"message", text_message(fmt::format("{} gives {}", link.op, link.value))}};
    if (!link.file.empty())
      location["physicalLocation"] =
          physical_location(Place{link.file, link.line, link.column, 1, ""});
    locations.push_back({{"location", std::move(location)}});
  }
  return {{"threadFlows", SarifJson::array({{{"locations", std::move(locations)}}})}};
}

class SarifWriter {
 public:
  explicit SarifWriter(const std::vector<RulePage>& rules) {
    for (const RulePage& rule : rules) add_rule(rule.id, rule.summary, rule.page);
    add_rule(case_error, "a case could not be evaluated",
             "The case file, its program or what it names cannot be read, compiled or run.");
    add_rule(unmet_expectation, "a case did not turn out as it expects",
             "The case's `expect` states another verdict, or findings that were not made.");
  }

  void add(const CaseResult& result) {
    if (result.skipped || result.passed()) return;
    for (const Finding& finding : result.findings) add_finding(result, finding);
    const Place place = result.place.value_or(Place{result.file, 0, 0, 1, ""});
    if (result.verdict == Verdict::error)
      add_result(case_error, "error", result, result.message, place, "");
    else if (!result.unmet.empty())
      add_result(unmet_expectation, "error", result, result.unmet, place, "");
    else if (result.findings.empty())
      add_result(case_error, "error", result, result.message, place, "");
  }

  SarifJson log(const RunResult& run) && {
    SarifJson driver{{"name", "gradient-check"},
                     {"semanticVersion", GRADIENT_CHECK_VERSION},
                     {"rules", std::move(rules_)}};
    SarifJson one{
        {"tool", {{"driver", std::move(driver)}}},
        {"columnKind", "unicodeCodePoints"},
        {"invocations", SarifJson::array({{{"executionSuccessful", run.summary().errors == 0},
                                           {"exitCode", run.exit_status()}}})},
        {"results", std::move(results_)},
        {"properties", {{"libtorch", run.libtorch}}}};
    return {{"$schema",
             "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
             "sarif-schema-2.1.0.json"},
            {"version", "2.1.0"},
            {"runs", SarifJson::array({std::move(one)})}};
  }

 private:
  void add_rule(const std::string& id, const std::string& summary, const std::string& page) {
    indices_[id] = rules_.size();
    rules_.push_back({{"id", id},
                      {"shortDescription", text_message(summary)},
                      {"fullDescription", text_message(page.substr(0, page.find("\n\n")))},
                      {"help", {{"text", page}, {"markdown", "```text\n" + page + "```\n"}}},
                      {"defaultConfiguration", {{"level", "error"}}}});
  }

  SarifJson& add_result(const std::string& rule, const char* level, const CaseResult& result,
                        const std::string& message, const Place& place,
                        const std::string& subject) {
    SarifJson location{{"physicalLocation", physical_location(place)}};
    if (!subject.empty())
      location["logicalLocations"] =
          SarifJson::array({{{"name", printable(subject)}, {"kind", "variable"}}});
    const std::string identity =
        fmt::format("{}\n{}\n{}\n{}", rule, subject, result.name, trimmed(place.source_line));
    results_.push_back(
        {{"ruleId", rule},
         {"level", level},
         {"message", text_message(message.empty() ? rule : message)},
         {"locations", SarifJson::array({std::move(location)})},
         {"partialFingerprints", {{"gradientCheckFinding/v1", fingerprint_of(identity)}}},
         {"properties", {{"case", printable(result.name)}}}});
    if (const auto index = indices_.find(rule); index != indices_.end())
      results_.back()["ruleIndex"] = index->second;
    return results_.back();
  }

  void add_finding(const CaseResult& result, const Finding& finding) {
    const Place place = finding.place.value_or(Place{result.file, 0, 0, 1, ""});
    std::string text = finding.message;
    for (const std::string& note : finding.notes) text += "\nnote: " + note;
    if (!finding.help.empty()) text += "\nhelp: " + finding.help;
    SarifJson& added = add_result(finding.rule, sarif_level(finding.severity), result, text, place,
                                  finding.subject);
    added["properties"]["evidence"] = finding.evidence;
    const bool in_a_file = place.file.find("#/program") == std::string::npos;
    if (finding.fix && finding.fix->verified && finding.place && in_a_file)
      added["fixes"] = SarifJson::array({fix_of(finding)});
    if (!finding.chain.empty())
      added["codeFlows"] = SarifJson::array({code_flow_of(finding.chain)});
  }

  SarifJson rules_ = SarifJson::array(), results_ = SarifJson::array();
  std::map<std::string, std::size_t> indices_;
};

std::string format_sarif(const RunResult& run, const ReportStyle&) {
  SarifWriter writer(run.rules);
  for (const CaseResult& result : run.cases) writer.add(result);
  return std::move(writer).log(run).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) +
         "\n";
}

}  // namespace

const Reporter sarif_reporter{"sarif", format_sarif};

}  // namespace gradient_check
