#pragma once

#include <string>
#include <vector>

#include "gradient_check/python/syntax/expression_parser.h"

namespace gradient_check::python {

/// Strings, bytes and f-strings, and rows of them, which are one string.
class StringParser {
 public:
  explicit StringParser(ExpressionParser& expressions)
      : expressions_(expressions), context_(expressions.context()) {}

  ast::ExpressionPtr strings();

 private:
  /// A part of a JoinedStr: literal characters, or (with `field`) a FormattedValue.
  struct Part {
    Span span;
    std::string text;
    ast::ExpressionPtr field;
  };

  void f_string(std::vector<Part>& parts);
  void field(std::vector<Part>& parts, bool raw);
  std::string text_between(std::size_t first_token, Span span) const;
  char conversion();
  ast::ExpressionPtr format_specification(bool raw);
  std::vector<ast::ExpressionPtr> values(std::vector<Part> parts);

  ExpressionParser& expressions_;
  ParserContext& context_;
};

}  // namespace gradient_check::python
