#include "gradient_check/diagnosis/blame/goal.h"

#include <ATen/TensorOperators.h>

#include <algorithm>

#include "gradient_check/diagnosis/blame/naming.h"
#include "gradient_check/diagnosis/blame/suspects.h"
#include "gradient_check/gradient/dtype_limits.h"

namespace gradient_check {
namespace {

/// Known values tried in place of one write: of the kind that its name speaks of, and of the other.
constexpr std::size_t most_truths = 40;
constexpr std::size_t most_misnamed = 12;

}  // namespace

Goal GoalChoice::choose(std::size_t index) {
  const Trace& manual = bench_.manual;
  const Judgement& judgement = bench_.judgements[index];
  Goal goal{index, judgement.truth, judgement.is_certain, {}, manual.writes[index].value};
  if (!bench_.question.guards_only) meant_for_another(goal);
  std::vector<std::size_t> doubtful = doubtful_reads(manual, bench_.judgements, index);
  for (const std::size_t read : misleading_reads(manual, bench_.judgements, index))
    if (std::find(doubtful.begin(), doubtful.end(), read) == doubtful.end())
      doubtful.push_back(read);
  // What has the value of nothing that is known, or of something else than its name says, is the
  // likelier mistake.
  std::stable_partition(doubtful.begin(), doubtful.end(), [&](std::size_t read) {
    const Judgement& doubted = bench_.judgements[read];
    return doubted.standing == Standing::unknown ||
           (doubted.standing == Standing::other && doubted.truth);
  });
  if (doubtful.empty() || bench_.question.guards_only) return goal;
  if (const auto scaled = scaled_read(doubtful)) return *scaled;
  Goal best = goal;
  std::size_t most = righted_by(goal, goal);
  for (const std::size_t read : doubtful) {
    if (bench_.budget.traces <= 0) break;
    const Judgement& doubted = bench_.judgements[read];
    const at::Tensor& value = manual.writes[read].value;
    // Zeros that something is added to are no mistake.
    if (is_partial(manual, read) && largest_magnitude(value) == 0) continue;
    const bool named = doubted.truth && doubted.standing == Standing::other;
    for (const KnownValue* truth : possible_truths(read, goal)) {
      Goal tried{read, truth, false, {}, value};
      std::size_t righted = righted_by(tried, goal);
      Goal everywhere = tried;
      if (righted == 0 || doubted.standing == Standing::unknown)
        everywhere.others = other_instances(read, truth);
      if (!everywhere.others.empty())
        if (const std::size_t all = righted_by(everywhere, goal); all > 0 && all >= righted) {
          tried = std::move(everywhere);
          righted = all;
        }
      const bool plain = named && truth == doubted.truth;
      // What is some known value already is no multiple of another.
      const bool proportional = doubted.standing != Standing::right && !truth->is_multiple &&
                                proportion(value, truth->tensor, 1e-3) != 0 && value.numel() >= 3;
      // That the goal's own statement turns this value into the right one cannot be chance; where
      // the value is some known one already, it must put more right than that.
      const bool unknown = doubted.standing == Standing::unknown;
      // What the forward never names is not met by chance, where it was meant for another such
      // value.
      const bool is_value = doubted.truth && doubted.truth->kind == ValueKind::value;
      const bool unnamed = is_value && truth->kind == ValueKind::value && truth->name.empty();
      const bool tells = plain || proportional ||
                         ((unknown || unnamed || truth->is_derived) && !truth->is_multiple &&
                          righted >= most && best.write == index);
      if (righted == 0 || (righted <= most && !tells)) continue;
      if (plain || proportional) return tried;
      most = righted;
      best = tried;
    }
  }
  return best;
}

/// A read that is a multiple of some known value, of the kind that its name speaks of, where that
/// value in its place puts something right: the goal may have a mistake of its own as well.
std::optional<Goal> GoalChoice::scaled_read(const std::vector<std::size_t>& doubtful) const {
  for (const std::size_t read : doubtful) {
    const Write& write = bench_.manual.writes[read];
    if (bench_.judgements[read].standing != Standing::unknown || write.value.numel() < 3 ||
        is_partial(bench_.manual, read))
      continue;
    const bool is_adjoint = !adjoint_bases(write.name).empty();
    for (const KnownValue& value : bench_.known) {
      if ((value.kind == ValueKind::adjoint) != is_adjoint ||
          (value.kind == ValueKind::value) == is_adjoint ||
          proportion(write.value, value.tensor, bench_.rules.tolerance) == 0)
        continue;
      const Goal tried{read, &value, false, {}, write.value};
      if (righted_by(tried, tried) > 1) return tried;
    }
  }
  return std::nullopt;
}

/// Where a name alone says what the goal should be, and that puts nothing else right: the adjoint
/// in its place that puts most right, if any does.
void GoalChoice::meant_for_another(Goal& goal) const {
  if (goal.is_certain || righted_by(goal, goal) > 1) return;
  std::size_t most = 1;
  for (const KnownValue& value : bench_.known) {
    if (value.kind != ValueKind::adjoint || value.tensor.sizes() != goal.truth->tensor.sizes() ||
        proportion(value.tensor, goal.truth->tensor, bench_.rules.tolerance) != 0 ||
        --bench_.budget.traces < 0)
      continue;
    Goal tried = goal;
    tried.truth = &value;
    const std::size_t righted = righted_by(tried, tried);
    if (righted <= std::max<std::size_t>(most, 2)) continue;
    most = righted;
    goal = tried;
  }
}

std::size_t GoalChoice::righted_by(const Goal& tried, const Goal& goal) const {
  if (tried.write != goal.write && --bench_.budget.traces < 0) return 0;
  try {
    return righted_with(tried, goal);
  } catch (const std::exception&) {  // a value of another kind, a mask say, was meant
    return 0;
  }
}

std::size_t GoalChoice::righted_with(const Goal& tried, const Goal& goal) const {
  Overrides overrides = bench_.overrides;
  overrides[tried.write] = tried.truth->tensor;
  for (const auto& [index, truth] : tried.others) overrides[index] = truth->tensor;
  if (tried.write != goal.write) {
    const Trace part = bench_.traced_up_to(goal.write, overrides);
    if (part.writes.size() <= goal.write ||
        !bench_.same(part.writes[goal.write].value, goal.truth->tensor))
      return 0;
  }
  const Trace after = bench_.traced(overrides);
  if (after.writes.size() != bench_.manual.writes.size() || !bench_.keeps_right(wrong_, after))
    return 0;
  std::size_t righted = tried.write == goal.write ? 1 : 0;
  for (std::size_t i = 0; i < bench_.judgements.size(); ++i)
    if (bench_.judgements[i].standing == Standing::wrong && i != tried.write &&
        bench_.same(after.writes[i].value, bench_.judgements[i].truth->tensor))
      ++righted;
  return righted;
}

/// Known values that a write might have been meant to be; the one of its name first.
std::vector<const KnownValue*> GoalChoice::possible_truths(std::size_t index, const Goal& goal) {
  const Write& write = bench_.manual.writes[index];
  const Judgement& judgement = bench_.judgements[index];
  std::vector<const KnownValue*> truths;
  // What the goal itself reads and broadcasts to its shape may lack a factor.
  const auto& reads = bench_.manual.writes[goal.write].reads;
  const bool is_direct = std::find(reads.begin(), reads.end(), index) != reads.end();
  const auto is_larger = [&](const at::Tensor& tensor) {
    return is_direct && tensor.sizes() == goal.truth->tensor.sizes() &&
           tensor.dim() == write.value.dim() && write.value.numel() > 1 &&
           broadcasts(write.value.sizes(), tensor.sizes());
  };
  const auto add = [&](const KnownValue* value) {
    if (!(value->tensor.sizes() == write.value.sizes() || is_larger(value->tensor)) ||
        bench_.same(value->tensor, write.value) ||
        (value->tensor.sizes() == goal.truth->tensor.sizes() &&
         bench_.same(value->tensor, goal.truth->tensor)))
      return;
    for (const KnownValue* known : truths)
      if (bench_.same(known->tensor, value->tensor)) return;
    truths.push_back(value);
  };
  if (judgement.standing == Standing::other && judgement.truth) add(judgement.truth);
  if (const KnownValue* value = proportional_value(write.value, bench_.known, goal.truth))
    add(value);
  if (const KnownValue* value = unscaled(index, goal)) add(value);
  // A name speaks of an adjoint or of a value of the forward; it may mislead.
  const bool is_adjoint = !adjoint_bases(write.name).empty();
  for (const bool forward : {!is_adjoint, is_adjoint}) {
    const std::size_t most = truths.size() + (forward == is_adjoint ? most_misnamed : most_truths);
    for (const KnownValue& value : bench_.known)
      if ((value.kind == ValueKind::value) == forward && truths.size() < most) add(&value);
  }
  return truths;
}

/// Where the goal is a multiple of its right value, the write less that factor.
const KnownValue* GoalChoice::unscaled(std::size_t index, const Goal& goal) {
  if (bench_.judgements[index].standing != Standing::unknown || goal.value.numel() < 2)
    return nullptr;
  const double factor = proportion(goal.value, goal.truth->tensor, bench_.rules.tolerance);
  if (factor == 0) return nullptr;
  const Write& write = bench_.manual.writes[index];
  made_up_.push_back({ValueKind::value, "", write.name, write.value / factor, 0, "", "", true});
  return &made_up_.back();
}

/// The other writes of a loop's statement, paired with the same forward value in the iterations
/// that correspond: in the same or in the opposite order. Empty outside of loops.
std::map<std::size_t, const KnownValue*> GoalChoice::other_instances(
    std::size_t read, const KnownValue* truth) const {
  const Trace& manual = bench_.manual;
  std::vector<std::size_t> writes;
  for (std::size_t i = 0; i < manual.writes.size(); ++i)
    if (manual.writes[i].statement == manual.writes[read].statement &&
        manual.writes[i].name == manual.writes[read].name)
      writes.push_back(i);
  std::vector<const KnownValue*> values;
  for (const KnownValue& value : bench_.known)
    if (value.kind == truth->kind && value.text == truth->text && value.line == truth->line &&
        value.consumer == truth->consumer)
      values.push_back(&value);
  std::map<std::size_t, const KnownValue*> others;
  if (writes.size() < 2 || writes.size() != values.size()) return others;
  const auto at =
      static_cast<std::size_t>(std::find(writes.begin(), writes.end(), read) - writes.begin());
  const auto of =
      static_cast<std::size_t>(std::find(values.begin(), values.end(), truth) - values.begin());
  const bool reversed = of == writes.size() - 1 - at;
  if (!reversed && of != at) return others;
  for (std::size_t k = 0; k < writes.size(); ++k)
    if (k != at) others[writes[k]] = values[reversed ? writes.size() - 1 - k : k];
  return others;
}

}  // namespace gradient_check
