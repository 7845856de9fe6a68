#include "gradient_check/diagnosis/non_finite.h"

#include <algorithm>
#include <cmath>

#include "gradient_check/comparison/elements.h"
#include "gradient_check/diagnosis/tape/births.h"
#include "gradient_check/diagnosis/tape/repair.h"

namespace gradient_check {
namespace {

bool all_finite(const Evaluations& evaluations, const Evidence& evidence) {
  const auto finite = [](const TensorComparison& tensor) {
    return tensor.result.verdict != TensorVerdict::non_finite;
  };
  return std::isfinite(evidence.loss) && std::isfinite(evidence.manual_loss.value_or(0)) &&
         (evaluations.subject.has_manual() || evaluations.case_is_finite()) &&
         std::all_of(evidence.tensors.begin(), evidence.tensors.end(), finite);
}

TapePoint tape_point(const Evaluations& evaluations, at::ScalarType dtype) {
  return {evaluations.subject,
          values_in(evaluations.subject, dtype),
          evaluations.targets,
          evaluations.cotangent,
          dtype,
          evaluations.seed,
          evaluations.subject.has_manual(),
          !evaluations.subject.has_manual() || !evaluations.reference_is_finite()};
}

}  // namespace

std::vector<NonFiniteInput> non_finite_inputs(const NamedTensors& values) {
  std::vector<NonFiniteInput> found;
  for (const auto& [name, tensor] : values) {
    if (is_finite(tensor)) continue;
    const std::vector<double> elements = elements_of(tensor);
    const auto bad =
        std::find_if(elements.begin(), elements.end(), [](double x) { return !std::isfinite(x); });
    if (bad != elements.end())
      found.push_back({name, unravel(bad - elements.begin(), tensor.sizes().vec()), *bad});
  }
  return found;
}

void find_where_non_finite(const Evaluations& evaluations, Evidence& evidence) {
  const bool finite = all_finite(evaluations, evidence);
  if (!finite) {
    evidence.births = find_births(tape_point(evaluations, evaluations.dtype));
    // Rounding may spare the case's dtype what float64 meets.
    if (evidence.births.empty() && evaluations.dtype != at::kDouble)
      evidence.births = find_births(tape_point(evaluations, at::kDouble));
    repair_births(tape_point(evaluations, evaluations.dtype), evidence.births);
  }
  std::vector<Birth>& births = evidence.births;
  const bool masks = std::any_of(births.begin(), births.end(), [](const Birth& birth) {
    return birth.cause == Cause::all_masked;
  });
  for (NonFiniteInput& input : evidence.non_finite_inputs)
    input.harmless = finite || (masks && std::isinf(input.value));
  const bool given =
      std::any_of(evidence.non_finite_inputs.begin(), evidence.non_finite_inputs.end(),
                  [](const NonFiniteInput& input) { return !input.harmless; });
  // What comes of an infinity in the case is not a fault of the operation that meets it.
  if (given)
    births.erase(std::remove_if(births.begin(), births.end(),
                                [](const Birth& birth) { return birth.of_given_infinity; }),
                 births.end());
}

void drop_what_births_tell(Evidence& evidence) {
  if (evidence.births.empty()) return;
  bool all_fixed = true;
  const auto is_told = [&](const Culprit& culprit) {
    const auto birth =
        std::find_if(evidence.births.begin(), evidence.births.end(), [&](const Birth& each) {
          return culprit.place && each.place && culprit.place->file == each.place->file &&
                 culprit.place->line == each.place->line;
        });
    const bool is_born = birth != evidence.births.end();
    if (!is_born && !culprit.only_guard && (!culprit.value.defined() || is_finite(culprit.value)))
      return false;
    // What makes the statement right makes it finite.
    if (is_born && culprit.fix && culprit.fix->verified && !birth->fix) {
      birth->fix = culprit.fix;
      birth->fixes_a_mistake = true;
    } else {
      all_fixed = false;
    }
    return true;
  };
  std::vector<Culprit>& culprits = evidence.culprits;
  culprits.erase(std::remove_if(culprits.begin(), culprits.end(), is_told), culprits.end());
  if (!all_fixed)
    for (Culprit& culprit : culprits)
      if (culprit.fix) culprit.fix->verified = false;
}

}  // namespace gradient_check
