#include "gradient_check/diagnosis/blame/goal.h"

#include <ATen/TensorOperators.h>

#include <algorithm>

#include "gradient_check/diagnosis/blame/naming.h"
#include "gradient_check/diagnosis/blame/suspects.h"
#include "gradient_check/gradient/scan.h"

namespace gradient_check {
namespace {

/// Known values tried in place of one write: of the kind that its name speaks of, and of the other.
constexpr std::size_t most_truths = 40;
constexpr std::size_t most_misnamed = 12;

}  // namespace

Goal GoalChoice::choose(std::size_t index) {
  const Judgement& judgement = bench_.judgements[index];
  Goal goal{index, judgement.truth, judgement.is_certain, {}, bench_.manual.writes[index].value};
  if (bench_.question.guards_only) return goal;
  meant_for_another(goal);
  const std::vector<std::size_t> doubtful = doubted_reads(index);
  if (doubtful.empty()) return goal;
  if (const auto scaled = scaled_read(doubtful)) return *scaled;
  Goal best = goal;
  std::size_t most = righted_by(goal, goal);
  for (const std::size_t read : doubtful) {
    if (bench_.budget.traces <= 0) break;
    // Zeros that something is added to are no mistake.
    if (is_partial(bench_.manual, read) && largest_magnitude(bench_.manual.writes[read].value) == 0)
      continue;
    for (const KnownValue* truth : possible_truths(read, goal)) {
      const auto [tried, righted] = in_all_iterations(read, truth, goal);
      if (righted == 0) continue;
      if (is_evident(read, *truth)) return tried;
      const bool first = righted == most && best.write == index;
      if (righted <= most && !(first && is_likely(read, *truth))) continue;
      most = righted;
      best = tried;
    }
  }
  return best;
}

/// What the goal is made of and may be wrong itself. What has the value of nothing that is known,
/// or of something else than its name says, is the likelier mistake and comes first.
std::vector<std::size_t> GoalChoice::doubted_reads(std::size_t index) const {
  std::vector<std::size_t> doubtful = doubtful_reads(bench_.manual, bench_.judgements, index);
  std::stable_partition(doubtful.begin(), doubtful.end(), [&](std::size_t read) {
    const Judgement& doubted = bench_.judgements[read];
    return doubted.standing == Standing::unknown ||
           (doubted.standing == Standing::other && doubted.truth);
  });
  for (const std::size_t read : misleading_reads(bench_.manual, bench_.judgements, index))
    if (std::find(doubtful.begin(), doubtful.end(), read) == doubtful.end())
      doubtful.push_back(read);
  return doubtful;
}

/// A known value in a read's place, in the other iterations of its loop as well where that rights
/// no less; and how much it rights.
std::pair<Goal, std::size_t> GoalChoice::in_all_iterations(std::size_t read,
                                                           const KnownValue* truth,
                                                           const Goal& goal) const {
  Goal tried{read, truth, false, {}, bench_.manual.writes[read].value};
  const std::size_t righted = righted_by(tried, goal);
  if (righted > 0 && bench_.judgements[read].standing != Standing::unknown) return {tried, righted};
  Goal everywhere = tried;
  everywhere.others = other_instances(read, truth);
  if (everywhere.others.empty()) return {tried, righted};
  const std::size_t all = righted_by(everywhere, goal);
  return all > 0 && all >= righted ? std::pair{everywhere, all} : std::pair{tried, righted};
}

/// Whether a read was meant to be that value beyond doubt: its name says so, or it is a multiple of
/// it. What is some known value already is no multiple of another.
bool GoalChoice::is_evident(std::size_t read, const KnownValue& truth) const {
  const Judgement& doubted = bench_.judgements[read];
  const at::Tensor& value = bench_.manual.writes[read].value;
  if (doubted.standing == Standing::other && doubted.truth == &truth) return true;
  return doubted.standing != Standing::right && !truth.is_multiple && value.numel() >= 3 &&
         proportion(value, truth.tensor, 1e-3) != 0;
}

/// Whether it cannot be chance that the goal's own statement turns that value into the right one:
/// the read has the value of nothing that is known, or was meant for another value that the forward
/// never names. Else it must put more right than that.
bool GoalChoice::is_likely(std::size_t read, const KnownValue& truth) const {
  const Judgement& doubted = bench_.judgements[read];
  const bool is_value = doubted.truth && doubted.truth->kind == ValueKind::value;
  const bool unnamed = is_value && truth.kind == ValueKind::value && truth.name.empty();
  return !truth.is_multiple &&
         (doubted.standing == Standing::unknown || unnamed || truth.is_derived);
}

/// A read that is a multiple of some known value, of the kind that its name speaks of, where that
/// value in its place puts something right: the goal may have a mistake of its own as well.
std::optional<Goal> GoalChoice::scaled_read(const std::vector<std::size_t>& doubtful) {
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
      if (multiples_are_wrong_ || righted_by(tried, tried) > 1) return tried;
      passed_over_ = true;
    }
  }
  return std::nullopt;
}

/// Where a name alone says what the goal should be, and that puts nothing else right: the adjoint
/// in its place that puts most right, if any does.
void GoalChoice::meant_for_another(Goal& goal) const {
  // A multiple of what its name says is that gone wrong.
  if (goal.is_certain || righted_by(goal, goal) > 1 ||
      proportion(goal.value, goal.truth->tensor, bench_.rules.tolerance) != 0)
    return;
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
    // What is what its name says is no multiple of anything else.
    if (judgement.standing == Standing::right && judgement.is_named &&
        proportion(write.value, value->tensor, bench_.rules.tolerance) != 0)
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
