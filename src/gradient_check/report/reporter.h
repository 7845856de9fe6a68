#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "gradient_check/diagnosis/rule_page.h"
#include "gradient_check/report/case_result.h"

namespace gradient_check {

struct Summary {
  std::size_t cases = 0, passed = 0, failed = 0, errors = 0, skipped = 0;
  double seconds = 0;
};

/// One part of a run that is spread over several machines: of all cases in their order, each
/// `count`-th from `index` on.
struct Shard {
  std::size_t index = 0;
  std::size_t count = 1;
};

/// A finished run.
struct RunResult {
  std::vector<CaseResult> cases;
  double seconds = 0;
  std::string libtorch;              ///< version
  std::vector<RulePage> rules = {};  ///< of all rules, for formats that explain them
  Shard shard = {};
  std::string incomplete = {};  ///< why cases are missing; empty where none are

  Summary summary() const;
  /// §3: 0 all as expected, 1 a failure, 2 an error or a run that is not complete; 2 wins.
  int exit_status() const;
};

struct ReportStyle {
  bool color = false;
  int verbosity = 0;  ///< -1 quiet, 0, 1 verbose: details of passing cases too
};

/// A row of the table of reporters: formats a finished run, and computes nothing.
struct Reporter {
  const char* name;
  std::string (*format)(const RunResult& run, const ReportStyle& style);
};

const std::vector<const Reporter*>& reporters();
/// Throws std::out_of_range for an unknown name.
std::string format_report(const std::string& name, const RunResult& run, const ReportStyle& style);

/// The JSON report, schema_version 1.
nlohmann::ordered_json to_json(const RunResult& run);

/// The report of one case as text, which is what a stream shows of it.
std::string to_text(const CaseResult& result, const ReportStyle& style = {false, 1});
std::ostream& operator<<(std::ostream& stream, const CaseResult& result);

extern const Reporter text_reporter, json_reporter, junit_reporter, sarif_reporter, github_reporter,
    html_reporter;

}  // namespace gradient_check
