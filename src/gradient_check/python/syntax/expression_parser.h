#pragma once

#include "gradient_check/python/syntax/parser_context.h"

namespace gradient_check::python {

/// Expressions by precedence, from lists without parentheses down to operands. What stands in
/// brackets, calls and strings have parsers of their own, which come back here.
class ExpressionParser {
 public:
  explicit ExpressionParser(ParserContext& context) : context_(context) {}

  ParserContext& context() { return context_; }

  /// a, *b, c: a tuple without parentheses, or one expression.
  ast::ExpressionPtr star_expressions();
  /// yield …, or star_expressions: the right side of an assignment.
  ast::ExpressionPtr yield_or_star_expressions();
  ast::ExpressionPtr yield_expression();
  /// x := …, or expression.
  ast::ExpressionPtr named_expression();
  /// *a | b, or named_expression: an element of a list.
  ast::ExpressionPtr star_named_expression();
  /// Without `:=`, stars and commas outside of brackets.
  ast::ExpressionPtr expression();
  /// Without `if … else` and lambda.
  ast::ExpressionPtr disjunction();
  /// Arithmetic: from `|` downwards.
  ast::ExpressionPtr bitwise_or();
  /// * and `value`
  ast::ExpressionPtr starred(ast::ExpressionPtr (ExpressionParser::*value)());
  /// a, *b.c, [d]: what is assigned to by `for`, up to the word `in`.
  ast::ExpressionPtr target_list();
  /// One of them.
  ast::ExpressionPtr target();

  /// True if the current token can begin an expression.
  bool at_expression() const;

 private:
  ast::ExpressionPtr star_expression();
  ast::ExpressionPtr lambda();
  ast::ExpressionPtr boolean(ast::BooleanOperator op);
  ast::ExpressionPtr inversion();
  ast::ExpressionPtr comparison();
  bool comparison_operator(ast::Comparator& comparator);
  ast::ExpressionPtr binary(int least_strength);
  ast::ExpressionPtr unary();
  ast::ExpressionPtr power();
  ast::ExpressionPtr await_or_primary();
  ast::ExpressionPtr primary();
  ast::ExpressionPtr attribute(ast::ExpressionPtr value);

  ParserContext& context_;
};

}  // namespace gradient_check::python
