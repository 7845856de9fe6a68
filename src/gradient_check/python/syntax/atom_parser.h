#pragma once

#include "gradient_check/python/syntax/expression_parser.h"

namespace gradient_check::python {

/// Operands: names, literals, and what stands in brackets.
class AtomParser {
 public:
  explicit AtomParser(ExpressionParser& expressions)
      : expressions_(expressions), context_(expressions.context()) {}

  ast::ExpressionPtr atom();
  ast::ExpressionPtr name();

 private:
  ast::ExpressionPtr constant(Span span, const ast::ConstantValue& value);
  ast::ExpressionPtr number();
  [[noreturn]] void fail_no_operand() const;

  ExpressionParser& expressions_;
  ParserContext& context_;
};

}  // namespace gradient_check::python
