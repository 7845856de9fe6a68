#pragma once

#include <vector>

#include "gradient_check/python/syntax/expression_parser.h"

namespace gradient_check::python {

/// What stands between `with` and ':', which may be in parentheses.
class WithItemsParser {
 public:
  explicit WithItemsParser(ExpressionParser& expressions)
      : expressions_(expressions), context_(expressions.context()) {}

  std::vector<ast::WithItem> parse();

 private:
  bool parenthesized_with_names() const;
  std::vector<ast::WithItem> parenthesized();
  ast::WithItem item();

  ExpressionParser& expressions_;
  ParserContext& context_;
};

}  // namespace gradient_check::python
