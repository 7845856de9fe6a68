#include <fmt/format.h>

#include <set>

#include "gradient_check/diagnosis/blame/charge.h"
#include "gradient_check/diagnosis/blame/suspects.h"
#include "gradient_check/diagnosis/blame/tensor_blame.h"

namespace gradient_check {
namespace {

/// The variable that has that adjoint, where there is one; else the expression.
std::string name_of(const Workbench& bench, const KnownValue& truth) {
  if (!truth.name.empty()) return truth.name;
  for (const KnownValue& value : bench.known)
    if (value.kind == ValueKind::adjoint && !value.name.empty() && value.line == truth.line &&
        bench.same(value.tensor, truth.tensor))
      return value.name;
  return truth.text;
}

void name_truth(const Workbench& bench, const KnownValue& truth, Culprit& culprit) {
  culprit.truth = truth.tensor;
  if (truth.kind == ValueKind::adjoint || truth.kind == ValueKind::share) {
    culprit.adjoint_of = name_of(bench, truth);
    culprit.truth_text = "∂loss/∂" + culprit.adjoint_of;
  } else if (truth.kind == ValueKind::slope) {
    culprit.truth_text = fmt::format("∂{}/∂{}", truth.text, truth.consumer);
  } else if (!truth.is_multiple) {
    culprit.truth_text = "the forward's " + truth.text;
  }
}

void note_elements(const Workbench& bench, Culprit& culprit) {
  std::vector<std::pair<std::string, at::Tensor>> conditions;
  for (const KnownValue& known : bench.known)
    if (known.kind == ValueKind::value) conditions.emplace_back(known.text, known.tensor);
  note_wrong_elements(culprit, bench.rules.tolerance, conditions);
}

/// Whether the statement writes some elements of its variable.
bool writes_a_part(const Write& write, Change change) {
  if (write.is_entry || !write.statement) return false;
  const Statement& statement = *write.statement;
  const bool subscripted =
      !statement.targets.empty() && statement.targets[0].is(ExprKind::subscript);
  return statement.kind == StatementKind::expression ||
         (subscripted && (change == Change::none || change == Change::scale));
}

/// The gradients made of what the write's statement gives, each time that it runs.
std::vector<std::string> spoilt_by(const Trace& original, std::size_t index) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < original.writes.size(); ++i)
    if (i == index || (original.writes[i].statement == original.writes[index].statement &&
                       original.writes[i].expression == original.writes[index].expression))
      for (const std::string& name : gradients_after(original, i)) names.insert(name);
  return {names.begin(), names.end()};
}

}  // namespace

void describe(const Workbench& bench, const Goal& goal, Charge& charge) {
  Culprit& culprit = charge.culprit;
  const Write& write = bench.original.writes[charge.write];
  culprit.subject = write.name;
  culprit.iterations = write.iteration.empty() ? std::vector<std::string>{}
                                               : std::vector<std::string>{write.iteration};
  const Span span = write.is_entry && write.expression ? write.expression->span
                    : write.statement                  ? write.statement->span
                                                       : Span{};
  culprit.place = bench.question.program.place_of(span);
  culprit.statement = bench.question.program.text().substr(span.begin, span.end - span.begin);
  culprit.value = bench.manual.writes[charge.write].value;
  if (goal.write == charge.write || culprit.change == Change::swap)
    name_truth(bench, *goal.truth, culprit);
  culprit.writes_a_part = writes_a_part(write, culprit.change);
  if (culprit.truth.defined() && culprit.value.defined()) note_elements(bench, culprit);
  culprit.gradients = spoilt_by(bench.original, charge.write);
  if (culprit.change == Change::swap) culprit.gradients = {culprit.before, culprit.after};
}

}  // namespace gradient_check
