#include <ATen/TensorOperators.h>

#include "gradient_check/diagnosis/blame/charge.h"
#include "gradient_check/diagnosis/blame/unguarded.h"

namespace gradient_check {

std::optional<Charge> Prosecution::guard_alone() {
  if (!is_guard_alone()) return std::nullopt;
  describe(bench_, goal_, charge_);
  return std::move(charge_);
}

std::optional<Charge> guard_charge(Workbench& bench, const Goal& goal) {
  const std::vector<std::string> none;
  return Prosecution(bench, goal, none).guard_alone();
}

void Prosecution::take_guards(Unguarded& without) {
  const at::Tensor& value = bench_.manual.writes[goal_.write].value;
  charge_.culprit.guard =
      GuardEffect{without.guards[0].before,
                  relative_difference(value, without.trace.writes[goal_.write].value)};
  charge_.edits = bench_.text.add(without.guards);
  bench_.adopt(std::move(without.program));
}

bool Prosecution::is_guard_alone() {
  auto without = unguarded(bench_, chain_);
  if (!without || !bench_.same(without->trace.writes[goal_.write].value, goal_.truth->tensor))
    return false;
  take_guards(*without);
  charge_.write = guarded_write(bench_.manual, chain_, without->guards[0]);
  charge_.culprit.only_guard = true;
  charge_.culprit.change = Change::guard;
  return true;
}

/// Whether the value is a multiple of the right one but for what its guards add: with them in
/// place no single change makes it right, however long one looks.
bool Prosecution::guards_hide_a_multiple() const {
  const auto without = unguarded(bench_, chain_);
  if (!without) return false;
  const at::Tensor truth = goal_.truth->tensor.to(at::kDouble);
  const auto is_multiple = [&](const at::Tensor& value) {
    if (!value.defined() || value.sizes() != truth.sizes()) return false;
    const double k =
        (value.to(at::kDouble) * truth).sum().item<double>() / (truth * truth).sum().item<double>();
    return bench_.same(value, k * truth);
  };
  return truth.numel() > 1 && is_multiple(without->trace.writes[goal_.write].value) &&
         !is_multiple(bench_.manual.writes[goal_.write].value);
}

/// Explains what is left with the guards taken out.
bool Prosecution::explain_without_guards() {
  auto without = unguarded(bench_, chain_);
  if (!without) return false;
  const StepwiseProgram* with_guards = bench_.program;
  const EditedText text_before = bench_.text;
  take_guards(*without);
  if (explain(without->trace)) return true;
  bench_.program = with_guards;
  bench_.text = text_before;
  charge_.edits.clear();
  charge_.culprit.guard.reset();
  return false;
}

}  // namespace gradient_check
