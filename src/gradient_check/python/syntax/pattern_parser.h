#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gradient_check/python/syntax/expression_parser.h"

namespace gradient_check::python {

/// The patterns between `case` and ':' or `if`.
class PatternParser {
 public:
  explicit PatternParser(ExpressionParser& expressions)
      : expressions_(expressions), context_(expressions.context()) {}

  /// a, *b: a sequence without brackets, or one pattern.
  ast::PatternPtr patterns();

 private:
  ast::PatternPtr pattern();
  ast::PatternPtr star_or_pattern();
  ast::PatternPtr alternatives();
  ast::PatternPtr closed();
  ast::PatternPtr literal();
  ast::PatternPtr singleton(std::optional<bool> value);
  ast::PatternPtr named();
  ast::PatternPtr parentheses();
  ast::PatternPtr brackets();
  ast::PatternPtr mapping();
  void mapping_item(ast::MatchMapping& mapping);
  ast::PatternPtr class_pattern(std::uint32_t begin, ast::ExpressionPtr cls);
  void class_argument(ast::MatchClass& pattern);

  /// -1, 1 + 2j
  ast::ExpressionPtr number();
  ast::ExpressionPtr signed_number();
  ast::ExpressionPtr key();
  /// a.b.c
  ast::ExpressionPtr dotted_name();
  /// A name to bind, which is not `_`.
  std::string capture(const char* where);

  ExpressionParser& expressions_;
  ParserContext& context_;
};

}  // namespace gradient_check::python
