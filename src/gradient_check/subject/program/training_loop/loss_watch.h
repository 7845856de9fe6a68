#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gradient_check/subject/program/training_loop/loop_observer.h"

namespace gradient_check {

/// Where a program computes what may be its loss.
struct LossSite {
  python::ast::NodeId node = python::ast::no_id;  ///< an assignment's target, or what is printed
  std::string name;  ///< of the variable; empty for what is only printed or kept
  std::string text;  ///< as it is written
  python::Span span;
  std::int64_t times = 0;  ///< how often it gets a value in a turn, before any parameter changes
  bool is_expression = false;  ///< what the case says is differentiated
};

/// Follows a turn by autograd up to the loss: leaves out what updates parameters, and takes the
/// conversion of a loss to a number for the loss itself.
class LossWatch : public LoopObserver {
 public:
  /// Ends a turn at the loss.
  struct Reached {};

  LossWatch(const LoopIndex::Loop& loop, const GivenValues& given, const python::ast::Module& tree,
            const LoopIndex& index, std::set<python::ast::NodeId> updates);

  /// Only that site is of interest: the turn ends when it has its value.
  void expect(const LossSite& site) { expected_ = &site; }

  bool statement(python::Frame& frame, const python::ast::Statement& next) override;
  bool instead(python::Frame& frame, const python::ast::Expression& expression,
               python::Value& value) override;
  void evaluated(python::Frame& frame, const python::ast::Expression& expression,
                 python::Value& value) override;
  void assigned(python::Frame& frame, const python::ast::Expression& target,
                python::Value& value) override;

  struct Seen {
    LossSite site;
    at::Tensor value;
    bool before_updates = true;
  };
  /// Scalars that autograd follows, with the last value each had before the updates.
  const std::vector<Seen>& seen() const { return seen_; }
  /// The value at the site that was expected; undefined if it never had one.
  const at::Tensor& loss() const { return loss_; }

 private:
  static bool of_math(python::Frame& frame, const python::ast::Expression& expression,
                      python::Value& value);
  bool is_own(const python::Frame& frame) const;
  void note(const python::ast::Expression& node, const std::string& name, bool shown,
            const python::Value& value);
  void evaluate_expected(python::Frame& frame);

  const python::ast::Module& tree_;
  const LoopIndex& index_;
  std::set<python::ast::NodeId> updates_, shown_;
  const LossSite* expected_ = nullptr;
  std::vector<Seen> seen_;
  std::map<python::ast::NodeId, std::size_t> by_node_;
  at::Tensor loss_;
  std::int64_t times_ = 0;
  bool updating_ = false;
};

/// The one number that a value is, followed by autograd or not; undefined for all others.
at::Tensor scalar_in(const python::Value& value);

/// The value of an expression over a frame's variables.
python::Value evaluate_text(python::Frame& frame, const std::string& text);

}  // namespace gradient_check
