#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gradient_check/diagnosis/blame/goal.h"
#include "gradient_check/diagnosis/blame/search.h"
#include "gradient_check/diagnosis/blame/workbench.h"
#include "gradient_check/diagnosis/culprit.h"

namespace gradient_check {

/// A culprit while the search goes on.
struct Charge {
  Culprit culprit;
  std::vector<std::size_t> edits;  ///< of the edited text, by index
  Overrides put;                   ///< values put in place, where there is no edit
  std::size_t write = 0;

  /// Makes edits in the bench's program, as part of this charge.
  void make(Workbench& bench, const std::vector<Edit>& made);
};

/// Explains a goal by a change of the program, makes the change, and describes the culprit.
/// `wrong`: the gradients that are wrong by now.
class Prosecution {
 public:
  Prosecution(Workbench& bench, const Goal& goal, const std::vector<std::string>& wrong);

  /// The culprit; where nothing explains it, with the right value put in place.
  Charge run();
  /// The same, where a change of one of the program's own functions explains it and spoils nothing;
  /// else nullopt, and what was put in place is to be forgotten.
  std::optional<Charge> by_helper();
  /// The same, where a guard is all that is wrong; else nullopt, and nothing is changed.
  std::optional<Charge> guard_alone();

 private:
  bool swap();
  void exchange_expressions(const Write& a, const Write& b);
  bool explain(const Trace& manual, bool only_helpers = false);
  bool explain_widely();
  bool explain_first_of_two();
  Suspects suspects(const ManualRun& run, const Trace& manual, bool only_helpers = false) const;
  bool take(const Repair& repair, const Trace& manual);
  bool explain_without_guards();
  bool guards_hide_a_multiple() const;
  bool is_guard_alone();
  void take_guards(struct Unguarded& without);
  std::optional<std::size_t> left_wrong_with(const std::vector<Edit>& edits,
                                             const Trace& manual) const;
  bool rights_repeated(const Trace& after) const;

  Workbench& bench_;
  const Goal& goal_;
  const std::vector<std::string>& wrong_;
  std::vector<std::size_t> chain_;
  Charge charge_;
  std::optional<Repair> part_;  ///< a change that puts a part of the goal right
};

/// The charge where a guard is all that is wrong with a goal.
std::optional<Charge> guard_charge(Workbench& bench, const Goal& goal);

/// Puts the right value of a goal in its place, as part of a charge.
void put_right(Workbench& bench, const Goal& goal, Charge& charge);

/// Says what a charge's culprit is: its subject, place, values and what it spoils.
void describe(const Workbench& bench, const Goal& goal, Charge& charge);

/// Drops charges without which every gradient matches as well, but for those that are guards.
void drop_the_needless(const Workbench& bench, std::vector<Charge>& charges);

/// Runs the whole check on the program with all edits, at its point and at another, and gives the
/// culprits their fixes. `all_match`: whether every gradient matches with the charges put right.
void verify(const Workbench& bench, bool all_match, std::vector<Charge>& charges);

}  // namespace gradient_check
