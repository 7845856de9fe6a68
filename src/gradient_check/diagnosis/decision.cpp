#include "gradient_check/diagnosis/decision.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "gradient_check/comparison/elements.h"
#include "gradient_check/subject/operation_callback.h"

namespace gradient_check {
namespace {

/// A decision of one run, and how it fell.
struct TakenDecision {
  std::string operation;
  std::optional<RunningPlace> place;
  std::vector<double> results;
};

struct DecisionTrace {
  const Subject& subject;
  std::vector<TakenDecision> decisions;
};

thread_local DecisionTrace* deciding_here = nullptr;  ///< while a callback lives

/// Operations with floating results that move in steps.
bool moves_in_steps(std::string_view name) {
  constexpr std::array names{"round", "floor",     "ceil",      "trunc", "sign",  "sgn",
                             "fmod",  "remainder", "heaviside", "frac",  "fix",   "floor_divide",
                             "div",   "divide",    "where",     "pow",   "equal", "item"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view without_namespace(std::string_view name) {
  const std::size_t colons = name.rfind(':');
  if (colons != std::string_view::npos) name.remove_prefix(colons + 1);
  while (!name.empty() && name.back() == '_') name.remove_suffix(1);
  return name;
}

bool is_discrete(const at::Tensor& tensor) {
  return tensor.scalar_type() == at::kBool ||
         at::isIntegralType(tensor.scalar_type(), /*includeBool=*/true);
}

std::unique_ptr<at::ObserverContext> before_decision(const at::RecordFunction&) { return nullptr; }

void note_decision(const at::RecordFunction& function, at::ObserverContext*) {
  const at::DisableRecordFunctionGuard unwatched;
  if (!deciding_here) return;
  const std::string_view name = without_namespace(function.name());
  for (const c10::IValue& output : own_outputs(function)) {
    if (!output.isTensor() || !output.toTensor().defined()) continue;
    const at::Tensor& made = output.toTensor();
    if (made.is_complex() || !(is_discrete(made) || moves_in_steps(name))) continue;
    deciding_here->decisions.push_back(
        {"torch." + std::string(name), deciding_here->subject.running_place(), elements_of(made)});
  }
}

std::vector<TakenDecision> decisions_at(const Evaluations& evaluations,
                                        const NamedTensors& values) {
  DecisionTrace trace{evaluations.subject, {}};
  deciding_here = &trace;
  try {
    const OperationCallback callback(at::RecordFunctionCallback(&before_decision, &note_decision)
                                         .needsOutputs(true)
                                         .scopes({at::RecordScope::FUNCTION}));
    seed_generator(evaluations.seed);
    run_forward(evaluations.subject, clone(values), at::kDouble);
  } catch (const std::exception&) {
  }
  deciding_here = nullptr;
  return std::move(trace.decisions);
}

/// Whether results differ by more than what a few units in the last place of an argument do.
bool fall_otherwise(const TakenDecision& a, const TakenDecision& b) {
  if (a.operation != b.operation || a.results.size() != b.results.size()) return true;
  for (std::size_t i = 0; i < a.results.size(); ++i)
    if (!agrees(a.results[i], b.results[i], 1e-300, 1e-9)) return true;
  return false;
}

}  // namespace

std::optional<Decision> decision_between(const Evaluations& evaluations, const NamedTensors& here,
                                         const NamedTensors& there) {
  const std::vector<TakenDecision> first = decisions_at(evaluations, here),
                                   second = decisions_at(evaluations, there);
  for (std::size_t i = 0; i < std::min(first.size(), second.size()); ++i)
    if (fall_otherwise(first[i], second[i])) return Decision{first[i].operation, first[i].place};
  return std::nullopt;
}

}  // namespace gradient_check
