#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "gradient_check/subject/program/training_loop/location.h"
#include "gradient_check/subject/program/training_loop/loop_observer.h"
#include "gradient_check/subject/program/training_loop/loss_watch.h"
#include "gradient_check/subject/program/training_loop/update_gradient.h"
#include "gradient_check/subject/program/training_loop/value_log.h"

namespace gradient_check {

/// A place of memory that a turn changes by adding to it.
struct ReadUpdate {
  std::size_t location;
  const python::ast::Expression* node;  ///< the target, the call or the sum
  python::Span span;
  MovedAlong moved;
};

/// What is known of the locations from a turn before: which of them hold something else when it
/// has ended, and which are parameters.
struct TurnKnowledge {
  std::vector<bool> replaced, is_parameter;
};

/// Reads the updates of one turn.
class UpdateReader : public LoopObserver {
 public:
  UpdateReader(const LoopIndex::Loop& loop, const GivenValues& given,
               const python::ast::Module& tree, const LoopIndex& index,
               const std::vector<Location>& locations, const TurnKnowledge& knowledge);

  bool statement(python::Frame& frame, const python::ast::Statement& next) override;
  void evaluated(python::Frame& frame, const python::ast::Expression& expression,
                 python::Value& value) override;
  void assigned(python::Frame& frame, const python::ast::Expression& target,
                python::Value& value) override;
  void called(python::Frame& frame, const python::ast::Expression& call,
              const python::Value& callee, const python::Arguments& arguments) override;

  /// Looks at those nodes only, and ends the turn when each of `locations` is updated.
  struct AllRead {};
  void restrict_to(std::set<python::ast::NodeId> nodes, std::set<std::size_t> locations);
  /// These locations keep their values: their updates are put off to the end of the turn.
  void hold(std::map<std::size_t, at::Tensor> values) { held_ = std::move(values); }
  /// Where something was last added to that array or tensor in place; empty where nothing was.
  python::Span added_at(const python::Value& buffer) const;
  /// Notes the loss at that site, which outlives this.
  void note_loss(const LossSite& site) { site_ = &site; }
  /// The loss before any parameter changed; undefined where it was not computed then.
  const at::Tensor& loss() const { return loss_; }

  /// The first update of each location, in the order of running. `after`: the locations when the
  /// turn has ended.
  std::vector<ReadUpdate> updates(const std::vector<Location>& after) const;
  /// What was seen of one location so far; null where nothing.
  const ReadUpdate* update_of(std::size_t location) const;
  const ValueLog& log() const { return log_; }

 private:
  std::optional<std::size_t> location_at(const at::Tensor& tensor) const;
  std::optional<std::size_t> location_of_target(python::Frame& frame,
                                                const python::ast::Expression& target) const;
  void augmented(python::Frame& frame, const python::ast::AugAssign& statement, python::Span span,
                 python::Value& value);
  void plain(python::Frame& frame, const python::ast::Expression& target,
             const python::ast::Expression& value_expression, python::Span span,
             python::Value& value);
  void sum(const python::ast::Expression& expression, const python::Value& value);
  void method(const python::ast::Expression& expression);
  void add(std::size_t location, const python::ast::Expression& node, python::Span span,
           const std::vector<Term>& terms);
  void add_sum(std::size_t location, const python::ast::Expression& node,
               const python::Value& value, MovedAlong moved);
  void buffer_added(const python::Value& buffer, const std::vector<Term>& terms);
  UpdateGradient gradient() const;

  const python::ast::Module& tree_;
  const LoopIndex& index_;
  const std::vector<Location>& locations_;
  const TurnKnowledge& knowledge_;
  ValueLog log_;
  std::unordered_map<const void*, std::vector<std::size_t>> by_storage_;
  std::unordered_map<const void*, std::size_t> by_identity_;
  UpdateGradient::Buffers buffers_;
  std::unordered_map<const void*, at::Tensor> before_clipping_;
  std::unordered_map<const void*, ReadUpdate> sums_;  ///< by identity of what they gave
  std::map<std::size_t, ReadUpdate> found_;
  std::vector<std::size_t> order_;
  void take(std::size_t location, ReadUpdate update);
  void take_loss(const python::Value& value);
  bool is_watched(python::ast::NodeId node) const {
    return nodes_.empty() || nodes_.count(node) != 0;
  }

  void put_back(std::size_t location) const;

  std::map<std::size_t, at::Tensor> held_;
  std::unordered_map<const void*, python::Span> added_at_;
  std::set<python::ast::NodeId> nodes_;
  std::set<std::size_t> awaited_, rebound_;
  const LossSite* site_ = nullptr;
  std::int64_t loss_times_ = 0;
  at::Tensor loss_;
  std::map<python::ast::NodeId, python::Value> old_;  ///< of the AugAssigns that are running
};

}  // namespace gradient_check
