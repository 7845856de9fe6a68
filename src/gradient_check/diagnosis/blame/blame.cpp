#include "gradient_check/diagnosis/blame/blame.h"

#include <algorithm>

#include "gradient_check/diagnosis/blame/investigation.h"

namespace gradient_check {
namespace {

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

/// Whether `other`, for which every multiple of a known value has gone wrong, explains all with no
/// more culprits than `blame`, of which each that is unexplained may stand for two.
bool is_as_simple(const Blame& other, const Blame& blame) {
  return other.unexplained.empty() && unexplained_culprits(other) == 0 &&
         errors_in(other) <= errors_in(blame) + unexplained_culprits(blame);
}

}  // namespace

Blame find_blame(const BlameQuestion& question) {
  try {
    const std::vector<KnownValue> known = known_of_forward(question);
    Investigation first(question, known);
    Blame blame = first.run();
    if (question.guards_only) return blame;
    bool passed_over = first.passed_over_multiples();
    if (!first.weak().empty()) {
      Investigation second(question, known, {first.weak()});
      Blame other = second.run();
      passed_over = passed_over || second.passed_over_multiples();
      if (is_better(other, blame, first.is_misled())) blame = std::move(other);
    }
    if (!passed_over || errors_in(blame) < 2) return blame;
    Blame other = Investigation(question, known, {{}, true}).run();
    return is_as_simple(other, blame) ? other : blame;
  } catch (const std::exception& error) {
    Blame blame;
    blame.why_not = error.what();
    return blame;
  }
}

}  // namespace gradient_check
