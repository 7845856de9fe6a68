#pragma once

#include <map>
#include <optional>
#include <string>

#include "diagnosis/mutations.h"
#include "gradient_check/report/case_result.h"

namespace gradient_check {

/// What the tool made of one mutant.
struct MutantOutcome {
  bool detected = false;    ///< verdict fail
  bool line_right = false;  ///< an error-level finding at the mutated line
  bool rule_right = false;  ///< and with an acceptable rule
  bool fixed = false;       ///< and with a fix that was verified
  std::size_t extra = 0;    ///< error-level findings at lines that were not mutated
  double seconds = 0;       ///< that the check took
};

/// Whether an error-level finding stands at one of the mutation's lines.
bool names_line(const CaseResult& result, const Mutation& mutation);
MutantOutcome outcome_of(const CaseResult& result, const Mutation& mutation,
                         const std::set<std::string>& rules);
/// The error-level findings as "rule@line, rule@line".
std::string findings_text(const CaseResult& result);

/// Counts of outcomes by kind of mutation.
class MutationTable {
 public:
  void add(const std::string& kind, const MutantOutcome& outcome);
  struct Row {
    std::size_t mutants = 0, detected = 0, line = 0, rule = 0, fixed = 0, extra = 0;
  };
  const Row& total() const { return total_; }
  /// The table in Markdown.
  std::string text() const;

 private:
  std::map<std::string, Row> rows_;
  Row total_;
  double seconds_ = 0;
};

}  // namespace gradient_check
