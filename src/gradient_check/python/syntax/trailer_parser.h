#pragma once

#include "gradient_check/python/syntax/expression_parser.h"

namespace gradient_check::python {

/// What stands in brackets behind an operand: arguments and indices.
class TrailerParser {
 public:
  explicit TrailerParser(ExpressionParser& expressions)
      : expressions_(expressions), context_(expressions.context()) {}

  /// func( … ): the current token is the bracket.
  ast::ExpressionPtr call(ast::ExpressionPtr func);
  /// value[ … ]
  ast::ExpressionPtr subscript(ast::ExpressionPtr value);

  /// ( … ) with arguments into a Call without func, also of a class's bases.
  ast::Call arguments();

 private:
  void argument(ast::Call& call, std::uint32_t opening);
  void positional(ast::Call& call, std::uint32_t opening);
  ast::Keyword keyword();
  ast::ExpressionPtr generator(ast::ExpressionPtr element, std::uint32_t opening);
  ast::ExpressionPtr slices();
  ast::ExpressionPtr slice();

  ExpressionParser& expressions_;
  ParserContext& context_;
  bool double_star_ = false;  ///< among the arguments so far
};

}  // namespace gradient_check::python
