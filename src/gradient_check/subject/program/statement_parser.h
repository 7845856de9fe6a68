#pragma once

#include <vector>

#include "gradient_check/subject/program/expression_parser.h"
#include "gradient_check/subject/program/syntax.h"
#include "gradient_check/subject/program/token_cursor.h"

namespace gradient_check {

/// Reads statements at a cursor. All throw SyntaxError.
class StatementParser {
 public:
  StatementParser(TokenCursor& cursor, ExpressionParser& expressions)
      : cursor_(cursor), expressions_(expressions) {}

  /// From the colon on: an indented block, or what follows on the same line.
  std::vector<Statement> block();

 private:
  std::vector<Statement> indented();
  void statement(std::vector<Statement>& into);
  Statement begun() const;

  Statement condition();
  Statement loop_for();
  Statement loop_while();
  /// The body, and what follows `else`.
  Statement with_blocks(Statement header);
  Statement opaque_block();

  void simple_statements(std::vector<Statement>& into);
  Statement simple_statement();
  void opaque_line();
  void expression_statement(Statement& result);
  void assignment(Statement& result, Expr first);

  TokenCursor& cursor_;
  ExpressionParser& expressions_;
  int depth_ = 0;
};

}  // namespace gradient_check
