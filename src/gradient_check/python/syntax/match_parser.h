#pragma once

#include "gradient_check/python/syntax/expression_parser.h"

namespace gradient_check::python {

/// match … case: `match` and `case` are names elsewhere.
class MatchParser {
 public:
  explicit MatchParser(ExpressionParser& expressions)
      : expressions_(expressions), context_(expressions.context()) {}

  /// True if a match statement begins here.
  bool at_match() const;
  ast::StatementPtr parse();

 private:
  bool line_opens_block() const;
  ast::ExpressionPtr subject();
  ast::MatchCase match_case();

  ExpressionParser& expressions_;
  ParserContext& context_;
};

}  // namespace gradient_check::python
