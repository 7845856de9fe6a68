#include <fmt/format.h>

#include "gradient_check/report/printable.h"
#include "gradient_check/report/reporter.h"

namespace gradient_check {
namespace {

/// Escapes as GitHub's workflow commands ask: data, and with `property` a property's value.
std::string workflow_escaped(const std::string& text, bool property) {
  std::string result;
  for (const char c : printable(text)) {
    if (c == '%')
      result += "%25";
    else if (c == '\n')
      result += "%0A";
    else if (property && c == ':')
      result += "%3A";
    else if (property && c == ',')
      result += "%2C";
    else
      result += c;
  }
  return result;
}

std::string annotation(const char* level, const std::string& file, std::size_t line,
                       std::size_t column, const std::string& title, const std::string& message) {
  // A program inside a case file has no lines of its own that GitHub could show.
  const std::size_t fragment = file.find("#/program");
  const bool inside = fragment != std::string::npos;
  std::string where = "file=" + workflow_escaped(file.substr(0, fragment), true);
  if (line > 0 && !inside)
    where += fmt::format(",line={},col={}", line, std::max<std::size_t>(column, 1));
  return fmt::format("::{} {},title={}::{}\n", level, where, workflow_escaped(title, true),
                     workflow_escaped(message, false));
}

const char* level_of(Severity severity) {
  if (severity == Severity::error) return "error";
  return severity == Severity::warning ? "warning" : "notice";
}

std::string annotations_of(const CaseResult& result) {
  std::string text;
  if (result.skipped || result.passed()) return text;
  for (const Finding& finding : result.findings) {
    const Place place = finding.place.value_or(Place{result.file, 0, 0, 1, ""});
    const std::string help = finding.help.empty() ? "" : "\nhelp: " + finding.help;
    text += annotation(level_of(finding.severity), place.file, place.line, place.column,
                       fmt::format("{} ({})", finding.rule, result.name), finding.message + help);
  }
  if (!result.unmet.empty() || !result.message.empty()) {
    const Place place = result.place.value_or(Place{result.file, 0, 0, 1, ""});
    text += annotation("error", place.file, place.line, place.column,
                       fmt::format("{} ({})", to_string(result.verdict), result.name),
                       result.unmet.empty() ? result.message : result.unmet);
  }
  return text;
}

std::string format_github(const RunResult& run, const ReportStyle&) {
  std::string text;
  for (const CaseResult& result : run.cases) text += annotations_of(result);
  const Summary s = run.summary();
  return text + fmt::format("{} cases: {} passed, {} failed, {} errors, {} skipped\n", s.cases,
                            s.passed, s.failed, s.errors, s.skipped);
}

}  // namespace

const Reporter github_reporter{"github", format_github};

}  // namespace gradient_check
