#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gradient_check/diagnosis/blame/workbench.h"

namespace gradient_check {

/// A write that is wrong, and what it should be.
struct Goal {
  std::size_t write = 0;
  const KnownValue* truth = nullptr;
  bool is_certain = false;
  /// The same statement's writes in other iterations, with what each should be.
  std::map<std::size_t, const KnownValue*> others;
  at::Tensor value;  ///< what it is
};

/// Chooses which write to put right where one is known to be wrong.
class GoalChoice {
 public:
  /// `wrong`: the gradients that are wrong by now.
  /// `multiples_are_wrong`: a multiple of a known value has gone wrong whatever that spoils.
  GoalChoice(const Workbench& bench, const std::vector<std::string>& wrong,
             std::deque<KnownValue>& made_up, bool multiples_are_wrong)
      : bench_(bench),
        wrong_(wrong),
        made_up_(made_up),
        multiples_are_wrong_(multiples_are_wrong) {}

  /// The write `index`, or one that it is made of and of which no name says that it is right,
  /// where a known value in its place makes `index` right and more than `index` alone would.
  Goal choose(std::size_t index);
  /// How many wrong values become right with `tried` in its place; 0 where `goal` does not, or
  /// where something right becomes wrong.
  std::size_t righted_by(const Goal& tried, const Goal& goal) const;
  /// Whether a read was a multiple of a known value and yet not chosen.
  bool passed_over_multiples() const { return passed_over_; }

 private:
  std::size_t righted_with(const Goal& tried, const Goal& goal) const;
  std::vector<std::size_t> doubted_reads(std::size_t index) const;
  std::pair<Goal, std::size_t> in_all_iterations(std::size_t read, const KnownValue* truth,
                                                 const Goal& goal) const;
  bool is_evident(std::size_t read, const KnownValue& truth) const;
  bool is_likely(std::size_t read, const KnownValue& truth) const;
  std::optional<Goal> scaled_read(const std::vector<std::size_t>& doubtful);
  void meant_for_another(Goal& goal) const;
  std::vector<const KnownValue*> possible_truths(std::size_t write, const Goal& goal);
  const KnownValue* unscaled(std::size_t write, const Goal& goal);
  std::map<std::size_t, const KnownValue*> other_instances(std::size_t read,
                                                           const KnownValue* truth) const;

  const Workbench& bench_;
  const std::vector<std::string>& wrong_;
  std::deque<KnownValue>& made_up_;  ///< values that autograd does not know
  const bool multiples_are_wrong_;
  bool passed_over_ = false;
};

}  // namespace gradient_check
