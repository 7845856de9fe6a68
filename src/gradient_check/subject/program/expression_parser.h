#pragma once

#include <string>

#include "gradient_check/subject/program/syntax.h"
#include "gradient_check/subject/program/token_cursor.h"

namespace gradient_check {

/// Reads expressions at a cursor by recursive descent. All throw SyntaxError.
class ExpressionParser {
 public:
  explicit ExpressionParser(TokenCursor& cursor) : cursor_(cursor) {}

  Expr expression();
  /// An expression, or a tuple of them without parentheses.
  Expr expression_list();
  /// What a `for` binds: names, subscripts and tuples of them, up to `in`.
  Expr target_list();

 private:
  // Operators, from the loosest to the tightest: in expression_parser.cpp.
  Expr starred_or_expression();
  /// Operators that bind at least as tightly as `least`.
  Expr binary(int least);
  Expr binary_node(Expr left, int strength);
  Expr unary();
  bool starts_expression() const;

  // What operators stand between: in operand_parser.cpp.
  /// An atom with what follows it: attributes, calls, subscripts.
  Expr postfix();
  Expr attribute(Expr value);
  Expr call(Expr callee);
  Expr argument();
  Expr subscript(Expr value);
  Expr slice_or_expression();
  Expr atom();
  Expr word();
  Expr literal();
  Expr parenthesized();
  Expr list();
  Expr dict();
  /// `element` and the `for … in … if …` that follow it, where they do.
  Expr with_comprehension(Expr element);

  static Expr begun(ExprKind kind, std::size_t begin, std::string text = "");
  /// `expr`, which ends where the last token did.
  Expr ended(Expr expr) const;

  TokenCursor& cursor_;
  int depth_ = 0;
};

}  // namespace gradient_check
