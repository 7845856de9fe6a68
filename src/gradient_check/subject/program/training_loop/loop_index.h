#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "gradient_check/python/runtime/frame.h"
#include "gradient_check/python/syntax/tree.h"

namespace gradient_check {

/// The loops of a program, and what assigns to what.
class LoopIndex {
 public:
  struct Loop {
    python::ast::StatementPtr statement;
    python::ast::StatementPtr function;  ///< the def around it; null at the top level
    const std::vector<python::ast::StatementPtr>& body() const;
  };

  explicit LoopIndex(const python::ast::Module& tree);

  const std::vector<Loop>& loops() const { return loops_; }
  const Loop* loop(python::ast::NodeId id) const;
  /// The loops that are being run, the innermost first, through all of the frames.
  std::vector<python::ast::NodeId> running(const python::Frame& frame) const;
  /// The statement that assigns to that target, whole or as a part of a tuple; null for others.
  const python::ast::Statement* assignment_to(python::ast::NodeId target) const;
  /// The smallest statements that hold the spans.
  std::set<python::ast::NodeId> statements_with(const std::vector<python::Span>& spans) const;
  /// Whether the program assigns `.grad` of anything itself.
  bool assigns_grad() const { return assigns_grad_; }
  /// Whether it differentiates by PyTorch somewhere.
  bool uses_autograd() const { return uses_autograd_; }

 private:
  void visit(const python::ast::StatementPtr& statement, const python::ast::StatementPtr& function);
  void note_target(const python::ast::ExpressionPtr& target, const python::ast::Statement& by);

  const python::ast::Module& tree_;
  std::vector<Loop> loops_;
  std::map<python::ast::NodeId, const python::ast::Statement*> assignments_;
  bool assigns_grad_ = false, uses_autograd_ = false;
};

}  // namespace gradient_check
