#include "gradient_check/diagnosis/blame/investigation.h"

#include <algorithm>

#include "gradient_check/diagnosis/blame/naming.h"
#include "gradient_check/subject/evaluation_scope.h"

namespace gradient_check {
namespace {

constexpr int most_rounds = 40;
/// Runs with a known value in a suspect's place that the search for one more mistake has at least.
constexpr int traces_for_one = 160;
/// How often a write is blamed in place of another: it may hold several mistakes.
constexpr int most_choices = 3;

}  // namespace

Investigation::Investigation(const BlameQuestion& question, const std::vector<KnownValue>& known,
                             Beliefs beliefs)
    : bench_(question, known, std::move(beliefs.distrusted)),
      multiples_are_wrong_(beliefs.multiples_are_wrong) {}

Blame Investigation::run() {
  Blame blame;
  const EvaluationScope scope(bench_.question.dtype);
  bool asked_again = false;
  for (int round = 0; round < most_rounds; ++round) {
    if (next()) continue;
    if (asked_again || !ask_again()) break;
    asked_again = true;
  }
  blame.unexplained = bench_.wrong_gradients(bench_.traced(bench_.overrides));
  drop_the_needless(bench_, charges_);
  verify(bench_, blame.unexplained.empty(), charges_);
  for (Charge& charge : charges_) {
    guessed_.erase(charge.culprit.subject);
    blame.culprits.push_back(std::move(charge.culprit));
  }
  return blame;
}

/// Finds and puts right the next culprit; false where nothing is wrong any more.
bool Investigation::next() {
  const EvaluationScope scope(bench_.question.dtype);
  bench_.look_again();
  const auto& judgements = bench_.judgements;
  const auto wrong = std::find_if(judgements.begin(), judgements.end(),
                                  [](const Judgement& j) { return j.standing == Standing::wrong; });
  if (wrong == judgements.end()) return false;
  const auto index = static_cast<std::size_t>(wrong - judgements.begin());
  const std::vector<std::string> before = bench_.wrong_gradients(bench_.manual);
  // What spoils no gradient is told of a guard alone.
  if (before.empty()) return guard_at(index);
  if (is_right_elsewhere(index, before)) return true;
  GoalChoice choice(bench_, before, made_up_, multiples_are_wrong_);
  const Goal goal = goal_for(index, choice);
  passed_over_ = passed_over_ || choice.passed_over_multiples();
  std::vector<std::string> wrong_then = before;
  if (!goal.is_certain) {
    const std::vector<std::string> spoilt = spoilt_by(goal, before);
    if (!spoilt.empty() && !(multiples_are_wrong_ && is_multiple(goal)))
      return doubt_name(goal, before);
    wrong_then.insert(wrong_then.end(), spoilt.begin(), spoilt.end());
  }
  charge(goal, wrong_then);
  return true;
}

/// What to put right where `index` is wrong.
Goal Investigation::goal_for(std::size_t index, GoalChoice& choice) {
  const Judgement& judgement = bench_.judgements[index];
  const Write& write = bench_.manual.writes[index];
  Goal goal = choice.choose(index);
  if (goal.write != index && ++bench_.chosen[goal.write] > most_choices)
    goal = {index, judgement.truth, judgement.is_certain, {}, write.value};
  if (!goal.is_certain && goal.write == index && choice.righted_by(goal, goal) <= 1) {
    weak_.insert(write.name);
    if (judgement.is_guess) guessed_.insert(write.name);
  }
  return goal;
}

/// Where the value that a name asks for makes something wrong that was right: a function that the
/// statement calls is wrong, or the name misleads.
bool Investigation::doubt_name(const Goal& goal, const std::vector<std::string>& before) {
  if (charge_helper(goal, before)) return true;
  passed_over_ = passed_over_ || is_multiple(goal);
  bench_.rules.distrusted.insert(bench_.manual.writes[goal.write].name);
  return true;
}

void Investigation::charge(const Goal& goal, const std::vector<std::string>& before) {
  // Each mistake that is found makes the others easier to find.
  bench_.budget.traces = std::max(bench_.budget.traces, traces_for_one);
  Charge* known = charge_of(bench_.manual.writes[goal.write]);
  if (known && known->edits.empty()) {
    put_right(bench_, goal, *known);
    return;
  }
  const Overrides overrides = bench_.overrides;
  Charge charge = Prosecution(bench_, goal, before).run();
  const Judgement& judgement = bench_.judgements[goal.write];
  const bool is_named = judgement.standing == Standing::wrong && !judgement.is_guess;
  if (charge.culprit.change == Change::none && is_named && judgement.truth != goal.truth) {
    // What no change explains was not meant for another value than its name says.
    bench_.overrides = overrides;
    Goal plain = goal;
    plain.truth = judgement.truth;
    charge = Prosecution(bench_, plain, before).run();
  }
  charges_.push_back(std::move(charge));
}

/// Charges a function that the goal's statement calls, where a change of it puts right the goal and
/// whatever else calls it: what is wrong twice may have come out right.
bool Investigation::charge_helper(const Goal& goal, const std::vector<std::string>& before) {
  const Write& write = bench_.manual.writes[goal.write];
  if (!write.expression || !calls_own_function(*write.expression)) return false;
  const Overrides overrides = bench_.overrides;
  auto charge = Prosecution(bench_, goal, before).by_helper();
  if (!charge) {
    bench_.overrides = overrides;
    return false;
  }
  charges_.push_back(std::move(*charge));
  return true;
}

bool Investigation::calls_own_function(const Expr& expression) const {
  const std::vector<std::string> names = names_in(expression);
  const auto& functions = bench_.question.program.functions();
  return std::any_of(functions.begin(), functions.end(), [&](const FunctionSyntax& function) {
    return std::find(names.begin(), names.end(), function.name) != names.end();
  });
}

/// Asks again about what nothing explained, where a function changed since may have been half of
/// it.
bool Investigation::ask_again() {
  bool is_later = false, asked = false;
  for (std::size_t i = charges_.size(); i-- > 0;) {
    const Charge& charge = charges_[i];
    if (!charge.edits.empty() && charge.culprit.helper) is_later = true;
    if (!is_later || !charge.edits.empty() || charge.culprit.change != Change::none) continue;
    for (const auto& [index, value] : charge.put) bench_.overrides.erase(index);
    bench_.chosen.erase(charge.write);
    charges_.erase(charges_.begin() + static_cast<std::ptrdiff_t>(i));
    asked = true;
  }
  return asked;
}

/// Takes a guard out that moves the value at `index`; else leaves the value as it is. False where
/// the program has no guards.
bool Investigation::guard_at(std::size_t index) {
  const Judgement& judgement = bench_.judgements[index];
  const Write& write = bench_.manual.writes[index];
  if (bench_.question.program.text().find("1e-") == std::string::npos) return false;
  const Goal goal{index, judgement.truth, judgement.is_certain, {}, write.value};
  if (auto charge = guard_charge(bench_, goal))
    charges_.push_back(std::move(*charge));
  else if (!judgement.is_certain && bench_.rules.distrusted.insert(write.name).second)
    return true;
  else
    bench_.overrides[index] = judgement.truth->tensor;
  return true;
}

/// The gradients that were right and are not with the goal put right.
std::vector<std::string> Investigation::spoilt_by(const Goal& goal,
                                                  const std::vector<std::string>& before) const {
  Overrides tried = bench_.overrides;
  tried[goal.write] = goal.truth->tensor;
  for (const auto& [other, truth] : goal.others) tried[other] = truth->tensor;
  std::vector<std::string> spoilt;
  for (const std::string& name : bench_.wrong_gradients(bench_.traced(tried)))
    if (std::find(before.begin(), before.end(), name) == before.end()) spoilt.push_back(name);
  return spoilt;
}

bool Investigation::is_multiple(const Goal& goal) const {
  return goal.value.defined() && goal.value.numel() > 2 &&
         proportion(goal.value, goal.truth->tensor, bench_.rules.tolerance) != 0;
}

/// Whether `index` is a variable that the dictionary returns as it is and that others read rightly:
/// then the entry is wrong, not the variable.
bool Investigation::is_right_elsewhere(std::size_t index, const std::vector<std::string>& before) {
  const Trace& manual = bench_.manual;
  for (const auto& [key, entry] : manual.entries) {
    if (entry == index || aliased_write(manual, entry) != index ||
        bench_.rules.not_aliased.count(key))
      continue;
    if (is_forward_value(index) || another_is_named(key, index))
      return bench_.rules.not_aliased.insert(key).second;
    bool kept = false;
    try {
      Overrides tried = bench_.overrides;
      tried[index] = bench_.judgements[index].truth->tensor;
      kept = bench_.keeps_right(before, bench_.traced(tried));
    } catch (const std::exception&) {
    }
    if (!kept) return bench_.rules.not_aliased.insert(key).second;
  }
  return false;
}

/// Whether another variable than `index` is named as the adjoint of `key`.
bool Investigation::another_is_named(const std::string& key, std::size_t index) const {
  const auto speaks = [&](const Write& write) {
    const std::vector<std::string> bases = adjoint_bases(write.name);
    return !write.is_entry && std::find(bases.begin(), bases.end(), key) != bases.end();
  };
  const auto& writes = bench_.manual.writes;
  return !speaks(writes[index]) && std::any_of(writes.begin(), writes.end(), speaks);
}

/// Whether a write that is named after no adjoint has a value that the forward has.
bool Investigation::is_forward_value(std::size_t index) const {
  const Write& write = bench_.manual.writes[index];
  return adjoint_bases(write.name).empty() && write.value.defined() && write.value.numel() > 1 &&
         std::any_of(bench_.known.begin(), bench_.known.end(), [&](const KnownValue& value) {
           return value.kind == ValueKind::value && bench_.same(write.value, value.tensor);
         });
}

/// The charge about the same statement, in another iteration of a loop.
Charge* Investigation::charge_of(const Write& write) {
  for (Charge& charge : charges_) {
    const Write& charged = bench_.original.writes[charge.write];
    if (write.statement && charged.statement && write.statement->line == charged.statement->line &&
        write.name == charge.culprit.subject)
      return &charge;
  }
  return nullptr;
}

}  // namespace gradient_check
