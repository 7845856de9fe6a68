#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gradient_check/diagnosis/blame/blame.h"
#include "gradient_check/diagnosis/blame/charge.h"
#include "gradient_check/diagnosis/blame/goal.h"
#include "gradient_check/diagnosis/blame/workbench.h"

namespace gradient_check {

/// What an account takes for granted.
struct Beliefs {
  std::set<std::string> distrusted;  ///< variables whose names are not believed
  /// A value that is a multiple of what its name, or the forward, says it is has gone wrong, though
  /// putting it right make something wrong that was right: two mistakes may undo each other.
  bool multiples_are_wrong = false;
};

/// One account of what is wrong: finds culprits one after another until every gradient matches.
class Investigation {
 public:
  Investigation(const BlameQuestion& question, const std::vector<KnownValue>& known,
                Beliefs beliefs = {});

  Blame run();

  /// Names that were believed although putting their values right put nothing else right.
  const std::set<std::string>& weak() const { return weak_; }
  /// Whether a variable was charged by a guess of what it should be, and that was needless.
  bool is_misled() const { return !guessed_.empty(); }
  /// Whether a multiple of what it should be was left as it is, since putting it right alone makes
  /// something else wrong.
  bool passed_over_multiples() const { return passed_over_; }

 private:
  bool next();
  Goal goal_for(std::size_t index, GoalChoice& choice);
  bool doubt_name(const Goal& goal, const std::vector<std::string>& before);
  void charge(const Goal& goal, const std::vector<std::string>& before);
  bool charge_helper(const Goal& goal, const std::vector<std::string>& before);
  bool calls_own_function(const Expr& expression) const;
  bool ask_again();
  bool guard_at(std::size_t index);
  std::vector<std::string> spoilt_by(const Goal& goal,
                                     const std::vector<std::string>& before) const;
  bool is_multiple(const Goal& goal) const;
  bool is_right_elsewhere(std::size_t index, const std::vector<std::string>& before);
  bool another_is_named(const std::string& key, std::size_t index) const;
  bool is_forward_value(std::size_t index) const;
  Charge* charge_of(const Write& write);

  Workbench bench_;
  bool multiples_are_wrong_;
  std::vector<Charge> charges_;
  std::set<std::string> weak_, guessed_;
  bool passed_over_ = false;
  std::deque<KnownValue> made_up_;
};

}  // namespace gradient_check
