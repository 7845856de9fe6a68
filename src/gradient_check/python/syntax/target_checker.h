#pragma once

#include <string>

#include "gradient_check/python/syntax/parser_context.h"

namespace gradient_check::python {

/// Refuses expressions that stand where only something that can be assigned to may.
class TargetChecker {
 public:
  explicit TargetChecker(const ParserContext& context) : context_(context) {}

  /// Of `=`, `with … as`: names, attributes, subscripts, and lists of those.
  void check_assignment_target(const ast::Expression& target) const;
  /// Of `for`.
  void check_loop_target(const ast::Expression& target) const;
  void check_deletion_target(const ast::Expression& target) const;
  /// Of `+=` and of annotations, where there is only one.
  void check_single_target(const ast::Expression& target, const std::string& what) const;

 private:
  void check(const ast::Expression& target, const char* verb, bool stars) const;
  [[noreturn]] void fail(const ast::Expression& target, const char* verb) const;

  const ParserContext& context_;
};

/// How an error calls an expression: "a call", "a sum".
const char* expression_noun(const ast::Expression& expression);

}  // namespace gradient_check::python
