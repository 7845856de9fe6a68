#include "gradient_check/diagnosis/blame/workbench.h"

#include <ATen/TensorOperators.h>

#include <algorithm>

#include "gradient_check/diagnosis/blame/derived_values.h"
#include "gradient_check/diagnosis/blame/suspects.h"
#include "gradient_check/gradient/dtype_limits.h"
#include "gradient_check/gradient/scan.h"
#include "gradient_check/subject/evaluation_scope.h"

namespace gradient_check {
namespace {

/// Elements of all tensors together above which few explanations are tried: each costs a run.
constexpr std::int64_t largest_searched = 1'000'000;

SearchBudget budget_for(const NamedTensors& values) {
  std::int64_t elements = 0;
  for (const auto& [name, tensor] : values) elements += tensor.numel();
  return elements > largest_searched ? SearchBudget{0, 40, 10, 0} : SearchBudget{};
}

NamedTensors cloned(const NamedTensors& values) {
  NamedTensors copy;
  for (const auto& [name, tensor] : values) copy.set(name, tensor.clone());
  return copy;
}

}  // namespace

std::vector<KnownValue> known_of_forward(const BlameQuestion& question) {
  const EvaluationScope scope(question.dtype, true);
  NamedTensors leaves;
  for (const auto& [name, tensor] : question.values) {
    at::Tensor leaf = tensor.detach().clone();
    if (leaf.is_floating_point()) leaf.requires_grad_();
    leaves.set(name, leaf);
  }
  std::vector<KnownValue> known =
      known_values(question.program.run_forward(leaves, question.cotangent), question.cotangent);
  const at::AutoGradMode no_grad(false);
  add_derived_values(known);
  return known;
}

Workbench::Workbench(const BlameQuestion& asked, const std::vector<KnownValue>& known_values,
                     std::set<std::string> distrusted)
    : question(asked),
      text(asked.program.text()),
      program(&asked.program),
      known(known_values),
      budget(budget_for(asked.values)) {
  rules.distrusted = std::move(distrusted);
  rules.adjoints = asked.program.adjoints();
  rules.not_compared = asked.not_compared;
  rules.tolerance = asked.dtype == at::kDouble ? 1e-9 : 64 * epsilon_of(asked.dtype);
  const EvaluationScope scope(asked.dtype);
  original = traced({});
}

Trace Workbench::traced(const StepwiseProgram& which, const Overrides& put) const {
  TraceOptions options;
  options.overrides = put;
  return which.run_manual(cloned(question.values), question.cotangent.clone(), options);
}

Trace Workbench::traced_up_to(std::size_t last, const Overrides& put) const {
  TraceOptions options;
  options.overrides = put;
  options.last = last;
  return program->run_manual(cloned(question.values), question.cotangent.clone(), options);
}

void Workbench::look_again() {
  manual = traced(overrides);
  rules.given = given_writes(manual);
  judgements = judge(manual, known, rules);
}

const KnownValue* Workbench::truth_of(const std::string& gradient) const {
  for (const KnownValue& value : known)
    if (value.kind == ValueKind::adjoint && value.line == 0 && value.name == gradient)
      return &value;
  return nullptr;
}

std::vector<std::string> Workbench::wrong_gradients(const Trace& trace) const {
  std::vector<std::string> wrong;
  for (const auto& [name, entry] : trace.entries) {
    const auto allowed = question.allowed.find(name);
    const KnownValue* truth = truth_of(name);
    if (allowed == question.allowed.end() || !truth || question.not_compared.count(name)) continue;
    const at::Tensor& value = trace.writes[entry].value;
    const bool comparable = relative_difference(value, truth->tensor) <= 1;
    const bool same_shape = value.defined() && value.sizes() == truth->tensor.sizes();
    if (!same_shape || (!comparable && relative_difference(value, truth->tensor) == 2) ||
        largest_magnitude(value.to(at::kDouble) - truth->tensor.to(at::kDouble)) > allowed->second)
      wrong.push_back(name);
  }
  return wrong;
}

bool Workbench::keeps_right(const std::vector<std::string>& wrong_before,
                            const Trace& after) const {
  for (const std::string& name : wrong_gradients(after))
    if (std::find(wrong_before.begin(), wrong_before.end(), name) == wrong_before.end())
      return false;
  return true;
}

bool Workbench::same(const at::Tensor& a, const at::Tensor& b) const {
  return relative_difference(a, b) <= rules.tolerance;
}

std::unique_ptr<StepwiseProgram> Workbench::compiled(const std::string& edited_text) const {
  return question.program.with_text(edited_text);
}

void Workbench::adopt(std::unique_ptr<StepwiseProgram> edited) {
  program = edited.get();
  adopted_.push_back(std::move(edited));
}

}  // namespace gradient_check
