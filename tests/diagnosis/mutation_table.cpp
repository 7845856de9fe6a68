#include "diagnosis/mutation_table.h"

#include <fmt/format.h>

namespace gradient_check {
namespace {

/// A value that is not finite is told of at its own line, be it in a helper; all else where the
/// helper is called.
bool stands_at(const Finding& finding, const Mutation& mutation) {
  if (finding.severity != Severity::error || !finding.place) return false;
  const bool is_birth = !finding.chain.empty() && finding.place->line == mutation.line;
  return is_birth || mutation.lines.count(finding.place->line) != 0;
}

std::string row_text(const std::string& kind, const MutationTable::Row& row) {
  const auto share = [&](std::size_t count) {
    return fmt::format("{} ({:.1f}%)", count,
                       100.0 * static_cast<double>(count) / static_cast<double>(row.mutants));
  };
  return fmt::format("| {:16} | {:7} | {:14} | {:14} | {:14} | {:14} | {:14} |\n", kind,
                     row.mutants, share(row.detected), share(row.line), share(row.rule),
                     share(row.fixed), row.extra);
}

}  // namespace

bool names_line(const CaseResult& result, const Mutation& mutation) {
  for (const Finding& finding : result.findings)
    if (stands_at(finding, mutation)) return true;
  return false;
}

MutantOutcome outcome_of(const CaseResult& result, const Mutation& mutation,
                         const std::set<std::string>& rules) {
  MutantOutcome outcome;
  outcome.detected = result.verdict == Verdict::fail;
  const nlohmann::ordered_json json = to_json(result);
  for (std::size_t i = 0; i < result.findings.size(); ++i) {
    const Finding& finding = result.findings[i];
    if (finding.severity != Severity::error) continue;
    if (!stands_at(finding, mutation)) {
      ++outcome.extra;
      continue;
    }
    outcome.line_right = true;
    if (rules.count(finding.rule)) outcome.rule_right = true;
    const auto fix = json["findings"][i].find("fix");
    if (fix != json["findings"][i].end() && fix->is_object() && fix->value("verified", false))
      outcome.fixed = true;
  }
  return outcome;
}

std::string findings_text(const CaseResult& result) {
  std::string text;
  for (const Finding& finding : result.findings)
    if (finding.severity == Severity::error)
      text += fmt::format("{}{}@{}({})", text.empty() ? "" : ", ", finding.rule,
                          finding.place ? finding.place->line : 0, finding.subject);
  return text.empty() ? "nothing" : text;
}

void MutationTable::add(const std::string& kind, const MutantOutcome& outcome) {
  for (Row* row : {&rows_[kind], &total_}) {
    ++row->mutants;
    row->detected += outcome.detected;
    row->line += outcome.line_right;
    row->rule += outcome.rule_right;
    row->fixed += outcome.fixed;
    row->extra += outcome.extra;
  }
  seconds_ += outcome.seconds;
}

std::string MutationTable::text() const {
  std::string text = fmt::format("| {:16} | {:7} | {:14} | {:14} | {:14} | {:14} | {:14} |\n",
                                 "mutation", "mutants", "detected", "line right", "rule right",
                                 "fix verified", "extra findings");
  text += fmt::format("|{0:-<18}|{0:-<9}|{0:-<16}|{0:-<16}|{0:-<16}|{0:-<16}|{0:-<16}|\n", "");
  for (const auto& [kind, row] : rows_) text += row_text(kind, row);
  if (total_.mutants) text += row_text("all", total_);
  return text + fmt::format("\n{:.0f} s in the checks\n", seconds_);
}

}  // namespace gradient_check
