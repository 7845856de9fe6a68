#include "gradient_check/diagnosis/blame/question.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>

#include "gradient_check/diagnosis/blame/stage_blame.h"
#include "gradient_check/diagnosis/blame/tensor_blame.h"
#include "gradient_check/gradient/scan.h"

namespace gradient_check {
namespace {

/// Whether a gradient's formula is off by more than float64's rounding, if by less than counts.
bool is_biased(const TensorComparison& tensor) {
  const GradientSources& sources = tensor.sources;
  if (!sources.manual_double.defined() || sources.manual_double.sizes() != sources.autograd.sizes())
    return false;
  return largest_magnitude(sources.manual_double - sources.autograd) >
         4 * tensor.tolerances.reference;
}

bool is_starved(const Evidence& evidence, const std::string& name) {
  const auto& starved = evidence.detached.starved;
  return std::any_of(starved.begin(), starved.end(),
                     [&](const StarvedParameter& each) { return each.name == name; });
}

bool is_wrong(const Evidence& evidence, const TensorComparison& tensor) {
  const GradientResult& result = tensor.result;
  if (is_starved(evidence, result.name)) return false;
  if (result.verdict == TensorVerdict::mismatch) return result.wrong != Wrong::autograd;
  return result.verdict == TensorVerdict::non_finite && result.wrong == Wrong::manual;
}

BlameQuestion question_of(const Evaluations& evaluations, const Evidence& evidence,
                          const StepwiseProgram& program,
                          const std::function<bool(const Subject&)>& passes) {
  const bool wide = evaluations.manual_double.output.defined();
  BlameQuestion question{program, {}, {},    wide ? at::kDouble : evaluations.dtype,
                         {},      {}, false, passes};
  question.values = values_in(evaluations.subject, question.dtype);
  question.cotangent = evaluations.cotangent.to(question.dtype);
  for (const TensorComparison& tensor : evidence.tensors) {
    const std::string& name = tensor.result.name;
    const double largest = largest_magnitude(tensor.sources.autograd);
    const Tolerances& t = tensor.tolerances;
    question.allowed[name] = (wide ? t.formula : t.rounding) + t.atol + t.rtol * largest +
                             (tensor.shape_differs ? 1e-9 * largest : 0);
    if (tensor.result.wrong == Wrong::autograd || tensor.kink_choices_differ ||
        is_starved(evidence, name))
      question.not_compared.insert(name);
  }
  return question;
}

}  // namespace

Blame blame_for(const Evaluations& evaluations, const Evidence& evidence,
                const std::function<bool(const Subject&)>& passes) {
  const auto& tensors = evidence.tensors;
  const bool wrong =
      std::any_of(tensors.begin(), tensors.end(),
                  [&](const TensorComparison& tensor) { return is_wrong(evidence, tensor); });
  const StepwiseProgram* program = nullptr;
  if (wrong || std::any_of(tensors.begin(), tensors.end(), is_biased))
    program = evaluations.subject.stepwise();
  if (!wrong && !program) return {};
  Blame blame;
  const bool random = evaluations.forward_random || !evaluations.random_gradients.empty();
  if (program && !random && (wrong || program->text().find("1e-") != std::string::npos)) {
    BlameQuestion question = question_of(evaluations, evidence, *program, passes);
    question.guards_only = !wrong;
    blame = find_blame(question);
  }
  // What is too small to count is told of a guard, and of nothing else.
  if (!wrong) {
    auto& culprits = blame.culprits;
    culprits.erase(std::remove_if(culprits.begin(), culprits.end(),
                                  [](const Culprit& culprit) { return !culprit.only_guard; }),
                   culprits.end());
    return blame;
  }
  if (!random && (!program || !blame.why_not.empty())) {
    blame.culprits = stage_culprits(evaluations, evidence);
    if (blame.culprits.empty()) blame.culprits = tensor_culprits(evidence);
  }
  return blame;
}

}  // namespace gradient_check
