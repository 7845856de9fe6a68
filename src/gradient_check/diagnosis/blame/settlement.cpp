#include <algorithm>
#include <set>

#include "gradient_check/diagnosis/blame/charge.h"
#include "gradient_check/subject/evaluation_scope.h"

namespace gradient_check {
namespace {

/// The gradients that are wrong with all charges put right but those.
std::vector<std::string> wrong_without(const Workbench& bench, const std::vector<Charge>& charges,
                                       const std::set<std::size_t>& left_out) {
  const EvaluationScope scope(bench.question.dtype);
  std::vector<std::size_t> edits;
  Overrides overrides;
  for (std::size_t i = 0; i < charges.size(); ++i) {
    if (left_out.count(i)) continue;
    edits.insert(edits.end(), charges[i].edits.begin(), charges[i].edits.end());
    overrides.insert(charges[i].put.begin(), charges[i].put.end());
  }
  try {
    const auto edited = bench.compiled(bench.text.only(edits));
    if (!edited) return {"?"};
    return bench.wrong_gradients(bench.traced(*edited, overrides));
  } catch (const std::exception&) {
    return {"?"};
  }
}

Span statement_of(const Workbench& bench, const Charge& charge) {
  const Write& write = bench.original.writes[charge.write];
  return write.is_entry && write.expression ? write.expression->span
         : write.statement                  ? write.statement->span
                                            : Span{};
}

/// The edits of a charge, with those that other charges make in the same statement: a text is
/// replaced once.
Fix fix_of(const Workbench& bench, const std::vector<Charge>& charges, const Charge& charge) {
  const Span statement = statement_of(bench, charge);
  std::vector<std::size_t> edits;
  for (const Charge& other : charges)
    if (statement_of(bench, other).begin == statement.begin)
      edits.insert(edits.end(), other.edits.begin(), other.edits.end());
  return bench.text.fix(edits, statement);
}

/// Whether the edits of a charge are believed although the gradients are right without them: a
/// value that another charge puts in place, unexplained, hides what they do.
bool is_hidden(const std::vector<Charge>& charges, std::size_t index) {
  if (charges[index].edits.empty()) return false;
  return std::any_of(charges.begin(), charges.end(),
                     [](const Charge& other) { return !other.put.empty(); });
}

}  // namespace

void drop_the_needless(const Workbench& bench, std::vector<Charge>& charges) {
  for (std::size_t i = 0; i < charges.size();) {
    const bool needed = charges[i].culprit.only_guard || is_hidden(charges, i) ||
                        !wrong_without(bench, charges, {i}).empty();
    if (needed)
      ++i;
    else
      charges.erase(charges.begin() + static_cast<std::ptrdiff_t>(i));
  }
  // A value that was right in its own scale, and the one that undoes the change made to it.
  for (std::size_t i = 0; i < charges.size(); ++i)
    for (std::size_t j = i + 1; j < charges.size(); ++j)
      if (charges.size() > 2 && wrong_without(bench, charges, {i, j}).empty()) {
        charges.erase(charges.begin() + static_cast<std::ptrdiff_t>(j));
        charges.erase(charges.begin() + static_cast<std::ptrdiff_t>(i));
        return;
      }
}

void verify(const Workbench& bench, bool all_match, std::vector<Charge>& charges) {
  const bool complete = std::all_of(charges.begin(), charges.end(),
                                    [](const Charge& charge) { return !charge.edits.empty(); });
  bool passes = false;
  std::vector<std::size_t> edits;
  for (const Charge& charge : charges)
    edits.insert(edits.end(), charge.edits.begin(), charge.edits.end());
  if (complete && all_match && !charges.empty()) {
    try {
      const StepwiseProgram& program = bench.question.program;
      const std::string text = bench.text.only(edits);
      passes = bench.question.passes(*program.edited(text, 0)) &&
               bench.question.passes(*program.edited(text, 0.1));
    } catch (const std::exception&) {
    }
  }
  // One change that puts everything right is what everything was wrong for.
  if (passes && charges.size() == 1) {
    auto& spoilt = charges[0].culprit.gradients;
    std::set<std::string> names(spoilt.begin(), spoilt.end());
    for (const std::string& name : bench.wrong_gradients(bench.original)) names.insert(name);
    spoilt.assign(names.begin(), names.end());
  }
  for (Charge& charge : charges) {
    charge.culprit.proved = all_match;
    if (charge.edits.empty()) continue;
    charge.culprit.fix = fix_of(bench, charges, charge);
    charge.culprit.fix->verified = passes;
  }
}

}  // namespace gradient_check
