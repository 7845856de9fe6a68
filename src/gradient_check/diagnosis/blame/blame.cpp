#include "gradient_check/diagnosis/blame/blame.h"

#include <algorithm>
#include <deque>
#include <set>

#include "gradient_check/diagnosis/blame/charge.h"
#include "gradient_check/diagnosis/blame/goal.h"
#include "gradient_check/diagnosis/blame/naming.h"
#include "gradient_check/diagnosis/blame/workbench.h"
#include "gradient_check/subject/evaluation_scope.h"

namespace gradient_check {
namespace {

constexpr int most_rounds = 40;
/// Runs with a known value in a suspect's place that the search for one more mistake has at least.
constexpr int traces_for_one = 160;

/// One account of what is wrong: finds culprits one after another until every gradient matches.
class Investigation {
 public:
  /// `distrusted`: variables whose names are not believed.
  Investigation(const BlameQuestion& question, const std::vector<KnownValue>& known,
                std::set<std::string> distrusted = {})
      : bench_(question, known, std::move(distrusted)) {}

  Blame run() {
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

  /// Names that were believed although putting their values right put nothing else right.
  const std::set<std::string>& weak() const { return weak_; }
  /// Whether a variable was charged by a guess of what it should be, and that was needless.
  bool is_misled() const { return !guessed_.empty(); }

 private:
  /// Finds and puts right the next culprit; false where nothing is wrong any more.
  bool next() {
    const EvaluationScope scope(bench_.question.dtype);
    bench_.look_again();
    const auto& judgements = bench_.judgements;
    const auto wrong = std::find_if(judgements.begin(), judgements.end(), [](const Judgement& j) {
      return j.standing == Standing::wrong;
    });
    if (wrong == judgements.end()) return false;
    const auto index = static_cast<std::size_t>(wrong - judgements.begin());
    const std::vector<std::string> before = bench_.wrong_gradients(bench_.manual);
    // What spoils no gradient is told of a guard alone.
    if (before.empty()) return guard_at(index);
    if (is_right_elsewhere(index, before)) return true;
    GoalChoice choice(bench_, before, made_up_);
    Goal goal = choice.choose(index);
    if (goal.write != index && !bench_.chosen.insert(goal.write).second)
      goal = {index,
              judgements[index].truth,
              judgements[index].is_certain,
              {},
              bench_.manual.writes[index].value};
    if (!goal.is_certain && goal.write == index && choice.righted_by(goal, goal) <= 1) {
      weak_.insert(bench_.manual.writes[index].name);
      if (judgements[index].is_guess) guessed_.insert(bench_.manual.writes[index].name);
    }
    if (!goal.is_certain && spoils_others(goal, before)) {
      if (charge_helper(goal, before)) return true;
      bench_.rules.distrusted.insert(bench_.manual.writes[goal.write].name);
      return true;
    }
    charge(goal, before);
    return true;
  }

  /// Charges a function that the goal's statement calls, where a change of it puts right the goal
  /// and whatever else calls it: what is wrong twice may have come out right.
  bool charge_helper(const Goal& goal, const std::vector<std::string>& before) {
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

  bool calls_own_function(const Expr& expression) const {
    const std::vector<std::string> names = names_in(expression);
    const auto& functions = bench_.question.program.functions();
    return std::any_of(functions.begin(), functions.end(), [&](const FunctionSyntax& function) {
      return std::find(names.begin(), names.end(), function.name) != names.end();
    });
  }

  /// Asks again about what nothing explained, where a function changed since may have been half of
  /// it.
  bool ask_again() {
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
  bool guard_at(std::size_t index) {
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

  /// Whether what a name says a value should be makes something wrong that was right.
  bool spoils_others(const Goal& goal, const std::vector<std::string>& before) const {
    Overrides tried = bench_.overrides;
    tried[goal.write] = goal.truth->tensor;
    for (const auto& [other, truth] : goal.others) tried[other] = truth->tensor;
    return !bench_.keeps_right(before, bench_.traced(tried));
  }

  /// Whether `index` is a variable that the dictionary returns as it is and that others read
  /// rightly: then the entry is wrong, not the variable.
  bool is_right_elsewhere(std::size_t index, const std::vector<std::string>& before) {
    const Trace& manual = bench_.manual;
    for (const auto& [key, entry] : manual.entries) {
      if (entry == index || aliased_write(manual, entry) != index ||
          bench_.rules.not_aliased.count(key))
        continue;
      if (is_forward_value(index)) return bench_.rules.not_aliased.insert(key).second;
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

  /// Whether a write that is named after no adjoint has a value that the forward has.
  bool is_forward_value(std::size_t index) const {
    const Write& write = bench_.manual.writes[index];
    return adjoint_bases(write.name).empty() && write.value.defined() && write.value.numel() > 1 &&
           std::any_of(bench_.known.begin(), bench_.known.end(), [&](const KnownValue& value) {
             return value.kind == ValueKind::value && bench_.same(write.value, value.tensor);
           });
  }

  /// The charge about the same statement, in another iteration of a loop.
  Charge* charge_of(const Write& write) {
    for (Charge& charge : charges_) {
      const Write& charged = bench_.original.writes[charge.write];
      if (write.statement && charged.statement &&
          write.statement->line == charged.statement->line && write.name == charge.culprit.subject)
        return &charge;
    }
    return nullptr;
  }

  void charge(const Goal& goal, const std::vector<std::string>& before) {
    // Each mistake that is found makes the others easier to find.
    bench_.budget.traces = std::max(bench_.budget.traces, traces_for_one);
    Charge* known = charge_of(bench_.manual.writes[goal.write]);
    if (known && known->edits.empty())
      put_right(bench_, goal, *known);
    else
      charges_.push_back(Prosecution(bench_, goal, before).run());
  }

  Workbench bench_;
  std::vector<Charge> charges_;
  std::set<std::string> weak_, guessed_;
  std::deque<KnownValue> made_up_;
};

/// How many culprits an account cannot explain.
std::size_t unexplained_culprits(const Blame& blame) {
  return static_cast<std::size_t>(
      std::count_if(blame.culprits.begin(), blame.culprits.end(), [](const Culprit& culprit) {
        return culprit.change == Change::none || culprit.change == Change::operation;
      }));
}

std::size_t errors_in(const Blame& blame) {
  return static_cast<std::size_t>(
      std::count_if(blame.culprits.begin(), blame.culprits.end(),
                    [](const Culprit& culprit) { return !culprit.only_guard; }));
}

/// Whether `other`, which believes fewer names, is the better account of what is wrong. Where a
/// value is put in place unexplained it hides what it is made of: fewer culprits prove nothing.
/// `misled`: whether the names that `blame` believes have turned out to mislead.
bool is_better(const Blame& other, const Blame& blame, bool misled) {
  if (other.unexplained.size() != blame.unexplained.size())
    return other.unexplained.size() < blame.unexplained.size();
  const std::size_t mine = unexplained_culprits(other), theirs = unexplained_culprits(blame);
  if (mine != theirs) return mine < theirs;
  if (misled) return true;
  return mine == 0 && errors_in(other) < errors_in(blame);
}

}  // namespace

Blame find_blame(const BlameQuestion& question) {
  try {
    const std::vector<KnownValue> known = known_of_forward(question);
    Investigation first(question, known);
    Blame blame = first.run();
    if (first.weak().empty() || question.guards_only) return blame;
    Blame other = Investigation(question, known, first.weak()).run();
    return is_better(other, blame, first.is_misled()) ? other : blame;
  } catch (const std::exception& error) {
    Blame blame;
    blame.why_not = error.what();
    return blame;
  }
}

}  // namespace gradient_check
