#pragma once

#include <vector>

#include "gradient_check/python/syntax/expression_parser.h"

namespace gradient_check::python {

/// The parameters of a function (up to its closing parenthesis) or of a lambda (up to its colon,
/// without annotations).
class ParameterParser {
 public:
  ParameterParser(ExpressionParser& expressions, TokenType closing)
      : expressions_(expressions), context_(expressions.context()), closing_(closing) {}

  /// Leaves the closing token current.
  std::vector<ast::Parameter> parse();

 private:
  void one();
  void star();
  void slash();
  void ordinary();
  ast::Parameter named(ast::ParameterKind kind);
  ast::ExpressionPtr annotation(ast::ParameterKind kind);

  ExpressionParser& expressions_;
  ParserContext& context_;
  TokenType closing_;
  std::vector<ast::Parameter> parameters_;
  bool slash_ = false, star_ = false, double_star_ = false, default_ = false;
  bool bare_star_ = false;  ///< `*` alone, with no parameter behind it yet
};

}  // namespace gradient_check::python
