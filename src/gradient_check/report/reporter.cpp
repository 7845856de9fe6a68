#include "gradient_check/report/reporter.h"

#include <fmt/format.h>

#include <ostream>

#include <stdexcept>

namespace gradient_check {

Summary RunResult::summary() const {
  Summary summary;
  summary.cases = cases.size();
  summary.seconds = seconds;
  for (const CaseResult& result : cases) {
    if (result.skipped)
      ++summary.skipped;
    else if (result.passed())
      ++summary.passed;
    else if (result.errored())
      ++summary.errors;
    else
      ++summary.failed;
  }
  return summary;
}

int RunResult::exit_status() const {
  const Summary totals = summary();
  if (totals.errors > 0 || !incomplete.empty()) return 2;
  return totals.failed > 0 ? 1 : 0;
}

const std::vector<const Reporter*>& reporters() {
  static const std::vector<const Reporter*> table{&text_reporter,   &json_reporter,
                                                  &junit_reporter,  &sarif_reporter,
                                                  &github_reporter, &html_reporter};
  return table;
}

std::string format_report(const std::string& name, const RunResult& run, const ReportStyle& style) {
  for (const Reporter* reporter : reporters())
    if (name == reporter->name) return reporter->format(run, style);
  throw std::out_of_range("no report format named '" + name + "'");
}

std::string to_text(const CaseResult& result, const ReportStyle& style) {
  RunResult run;
  run.cases.push_back(result);
  run.seconds = result.seconds;
  return text_reporter.format(run, style);
}

std::ostream& operator<<(std::ostream& stream, const CaseResult& result) {
  return stream << to_text(result);
}

}  // namespace gradient_check
