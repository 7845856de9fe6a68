#include "gradient_check/diagnosis/blame/charge.h"

#include <algorithm>
#include <set>

#include "gradient_check/diagnosis/blame/pair_search.h"
#include "gradient_check/diagnosis/blame/suspects.h"

namespace gradient_check {
namespace {

/// The writes of a chain that a wrong value outside of it is made of as well.
std::set<std::size_t> shared_by_wrong(const Workbench& bench, const std::vector<std::size_t>& chain,
                                      std::size_t goal) {
  std::set<std::size_t> shared;
  for (std::size_t i = goal + 1; i < bench.judgements.size(); ++i) {
    if (bench.judgements[i].standing != Standing::wrong) continue;
    const std::vector<std::size_t> other = chain_of(bench.manual, bench.judgements, i);
    for (const std::size_t index : chain)
      if (index != goal && std::find(other.begin(), other.end(), index) != other.end())
        shared.insert(index);
  }
  return shared;
}

/// Whether a loop runs the statement of that write more than once.
bool is_repeated(const Trace& manual, std::size_t index) {
  const Write& write = manual.writes[index];
  return std::count_if(manual.writes.begin(), manual.writes.end(), [&](const Write& other) {
           return other.statement == write.statement && other.name == write.name;
         }) > 1;
}

}  // namespace

void put_right(Workbench& bench, const Goal& goal, Charge& charge) {
  charge.put[goal.write] = bench.overrides[goal.write] = goal.truth->tensor;
  for (const auto& [index, truth] : goal.others)
    charge.put[index] = bench.overrides[index] = truth->tensor;
  const Write& write = bench.manual.writes[goal.write];
  if (!write.iteration.empty()) charge.culprit.iterations.push_back(write.iteration);
}

Prosecution::Prosecution(Workbench& bench, const Goal& goal, const std::vector<std::string>& wrong)
    : bench_(bench),
      goal_(goal),
      wrong_(wrong),
      chain_(chain_of(bench.manual, bench.judgements, goal.write)) {
  charge_.write = goal.write;
}

Charge Prosecution::run() {
  if (swap() || is_guard_alone() ||
      (!bench_.question.guards_only &&
       ((guards_hide_a_multiple() && explain_without_guards()) || explain(bench_.manual) ||
        explain_without_guards() || explain_widely()))) {
    describe(bench_, goal_, charge_);
  } else {
    charge_.write = goal_.write;
    describe(bench_, goal_, charge_);
    put_right(bench_, goal_, charge_);
  }
  return std::move(charge_);
}

std::optional<Charge> Prosecution::by_helper() {
  if (!explain(bench_.manual, true) || charge_.edits.empty()) return std::nullopt;
  describe(bench_, goal_, charge_);
  return std::move(charge_);
}

/// Two gradients under each other's names.
bool Prosecution::swap() {
  if (!goal_.is_certain) return false;
  const Trace& manual = bench_.manual;
  const at::Tensor& value = manual.writes[goal_.write].value;
  for (const auto& [key, entry] : manual.entries) {
    const KnownValue* other = bench_.truth_of(key);
    const Write& second = manual.writes[entry];
    if (!other || other == goal_.truth || !bench_.same(value, other->tensor) ||
        !bench_.same(second.value, goal_.truth->tensor))
      continue;
    const std::size_t first_entry = manual.entries.at(goal_.truth->name);
    const std::size_t a = std::min(first_entry, entry), b = std::max(first_entry, entry);
    charge_.culprit.change = Change::swap;
    charge_.culprit.before = manual.writes[a].name;
    charge_.culprit.after = manual.writes[b].name;
    charge_.write = a;
    charge_.put[a] = bench_.overrides[a] = manual.writes[b].value;
    charge_.put[b] = bench_.overrides[b] = manual.writes[a].value;
    exchange_expressions(manual.writes[a], manual.writes[b]);
    return true;
  }
  return false;
}

void Prosecution::exchange_expressions(const Write& a, const Write& b) {
  if (!a.expression || !b.expression) return;
  const auto text = [&](const Expr& e) {
    return bench_.program->text().substr(e.span.begin, e.span.end - e.span.begin);
  };
  Edit first, second;
  first.span = a.expression->span;
  first.replacement = text(*b.expression);
  second.span = b.expression->span;
  second.replacement = text(*a.expression);
  auto edited = bench_.compiled(bench_.text.with({first, second}));
  if (!edited) return;
  charge_.edits = bench_.text.add({first, second});
  for (const auto& [index, value] : charge_.put) bench_.overrides.erase(index);
  charge_.put.clear();
  bench_.adopt(std::move(edited));
}

Suspects Prosecution::suspects(const ManualRun& run, const Trace& manual, bool only_helpers) const {
  return {*bench_.program,
          run,
          manual,
          chain_,
          *goal_.truth,
          bench_.known,
          bench_.rules.tolerance,
          shared_by_wrong(bench_, chain_, chain_.back()),
          only_helpers};
}

bool Prosecution::explain(const Trace& manual, bool only_helpers) {
  const ManualRun run{bench_.question.values, bench_.question.cotangent, bench_.overrides,
                      &bench_.budget};
  const auto repair = find_repair(suspects(run, manual, only_helpers), [&](const Repair& found) {
    return left_wrong_with(found.edits, manual);
  });
  if (!repair) return false;
  if (repair->is_part) {
    part_ = repair;
    return false;
  }
  return take(*repair, manual);
}

/// Tries all that the goal is made of and no name vouches for, though its value be some known one;
/// then a change that puts a part of the goal right, to go on from there.
bool Prosecution::explain_widely() {
  std::vector<std::size_t> wide = doubtful_reads(bench_.manual, bench_.judgements, goal_.write);
  wide.push_back(goal_.write);
  if (wide != chain_) {
    chain_ = std::move(wide);
    if (explain(bench_.manual)) return true;
  }
  if (explain_first_of_two()) return true;
  const bool again = !bench_.parts.insert(goal_.write).second;
  if (!part_ || again || is_repeated(bench_.manual, goal_.write)) return false;
  // Two mistakes in one statement are not told apart.
  const auto& writes = bench_.manual.writes;
  if (!part_->write || writes[*part_->write].statement == writes[goal_.write].statement)
    return false;
  const auto edited = bench_.compiled(bench_.text.with(part_->edits));
  try {
    if (!edited || !bench_.keeps_right(wrong_, bench_.traced(*edited, bench_.overrides)))
      return false;
  } catch (const std::exception&) {
    return false;
  }
  part_->keeps_all = true;
  return take(*part_, bench_.manual);
}

/// Where two mistakes meet in the goal: makes the first; the other is found when it is asked about
/// again.
bool Prosecution::explain_first_of_two() {
  const ManualRun run{bench_.question.values, bench_.question.cotangent, bench_.overrides,
                      &bench_.budget};
  const auto first = find_first_of_two(suspects(run, bench_.manual), [&](const auto& edits) {
    return left_wrong_with(edits, bench_.manual).has_value();
  });
  return first && take(*first, bench_.manual);
}

/// Makes a repair, or puts the right value in place where its text is not known or it would spoil
/// something.
bool Prosecution::take(const Repair& repair, const Trace& manual) {
  const std::size_t goal = chain_.back();
  Culprit& culprit = charge_.culprit;
  culprit.change = repair.change;
  culprit.before = repair.before;
  culprit.after = repair.after;
  culprit.within = repair.within;
  culprit.factor = repair.factor;
  culprit.factor_text = repair.factor_text;
  culprit.missing_line = repair.missing_line;
  culprit.missing_line_text = repair.missing_text;
  if (repair.write) charge_.write = *repair.write;
  if (!repair.write && !repair.edits.empty())
    culprit.helper =
        bench_.question.program.place_of(Span{bench_.text.to_original(repair.edits[0].span.begin),
                                              bench_.text.to_original(repair.edits[0].span.end)});
  if (repair.keeps_all && !repair.edits.empty()) {
    charge_.make(bench_, repair.edits);
    return true;
  }
  // What explains one iteration of a loop and not the others explains nothing.
  if (is_repeated(manual, goal)) {
    charge_.culprit = Culprit();
    charge_.write = goal;
    return false;
  }
  charge_.put[goal] = bench_.overrides[goal] = goal_.truth->tensor;
  return true;
}

/// Whether every write of the goal's statement that was wrong is right after an edit, but for those
/// that are made of something else that is wrong: another mistake must not speak against it.
bool Prosecution::rights_repeated(const Trace& after) const {
  const std::vector<Judgement> judged = judge(after, bench_.known, bench_.rules);
  const auto is_spoilt = [&](std::size_t index) {
    const std::vector<std::size_t> made_of = doubtful_reads(after, judged, index, true);
    return std::any_of(made_of.begin(), made_of.end(),
                       [&](std::size_t read) { return judged[read].standing == Standing::wrong; });
  };
  const Write& goal = bench_.manual.writes[chain_.back()];
  for (std::size_t i = 0; i < bench_.judgements.size(); ++i)
    if (bench_.judgements[i].standing == Standing::wrong &&
        bench_.manual.writes[i].statement == goal.statement && !is_partial(after, i) &&
        judged[i].standing == Standing::wrong && (i == chain_.back() || !is_spoilt(i)) &&
        !gradients_after(after, i).empty())
      return false;
  return true;
}

/// How many gradients are wrong with the edits made; nullopt where the goal is not right then, or
/// something that was right is not.
std::optional<std::size_t> Prosecution::left_wrong_with(const std::vector<Edit>& edits,
                                                        const Trace& manual) const {
  try {
    const auto edited = bench_.compiled(bench_.text.with(edits));
    if (!edited) return std::nullopt;
    const std::size_t goal = chain_.back();
    const Trace after = bench_.traced(*edited, bench_.overrides);
    if (after.writes.size() != manual.writes.size() || !bench_.keeps_right(wrong_, after) ||
        !bench_.same(after.writes[goal].value, goal_.truth->tensor))
      return std::nullopt;
    if (is_repeated(manual, goal) && !rights_repeated(after)) return std::nullopt;
    return bench_.wrong_gradients(after).size();
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

void Charge::make(Workbench& bench, const std::vector<Edit>& made) {
  auto edited = bench.compiled(bench.text.with(made));
  const std::vector<std::size_t> added = bench.text.add(made);
  edits.insert(edits.end(), added.begin(), added.end());
  bench.adopt(std::move(edited));
}

}  // namespace gradient_check
