#pragma once

#include "gradient_check/python/runtime/arguments.h"
#include "gradient_check/python/runtime/frame.h"

namespace gradient_check::python {

/// Is told what a program does while it runs, and may put other values in place. Everything that
/// watches programs is an observer: traces, substitution, origins of NaN, crash logs.
class Observer {
 public:
  virtual ~Observer() = default;
  /// Before a statement. A true answer leaves it out: an assignment whose targets are given.
  virtual bool statement(Frame&, const ast::Statement&) { return false; }
  /// A statement has run to its end, or left the block that it stands in.
  virtual void executed(Frame&, const ast::Statement&) {}
  /// Before an expression is evaluated. Where it answers true, `value` stands for it unevaluated.
  virtual bool instead(Frame&, const ast::Expression&, Value& /*value*/) { return false; }
  /// An expression has that value, which may be changed.
  virtual void evaluated(Frame&, const ast::Expression&, Value& /*value*/) {}
  /// The value is about to be assigned to a target, for x += y the sum. It may be changed.
  virtual void assigned(Frame&, const ast::Expression& /*target*/, Value& /*value*/) {}
  /// A function of the program, or one of modules/, is called.
  virtual void called(Frame&, const ast::Expression& /*call*/, const Value& /*callee*/,
                      const Arguments&) {}
};

}  // namespace gradient_check::python
