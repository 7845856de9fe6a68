#pragma once

#include <vector>

#include "gradient_check/python/syntax/expression_parser.h"

namespace gradient_check::python {

/// Operands in brackets: groups, tuples, lists, sets, dictionaries, and comprehensions of all
/// kinds.
class DisplayParser {
 public:
  explicit DisplayParser(ExpressionParser& expressions)
      : expressions_(expressions), context_(expressions.context()) {}

  /// ( … ): the current token is the bracket, as in those below.
  ast::ExpressionPtr parentheses();
  ast::ExpressionPtr brackets();
  ast::ExpressionPtr braces();

  /// True at the `for` or `async for` of a comprehension.
  bool at_comprehension() const;
  std::vector<ast::Comprehension> comprehensions();

 private:
  std::vector<ast::ExpressionPtr> elements_after(ast::ExpressionPtr first, TokenType closing,
                                                 std::string_view where);
  void close(TokenType closing, std::string_view where);
  ast::Comprehension comprehension();
  ast::ExpressionPtr dictionary(std::uint32_t begin, ast::ExpressionPtr first_key);
  ast::DictItem item();
  [[noreturn]] void fail_starred(const ast::Expression& starred) const;

  ExpressionParser& expressions_;
  ParserContext& context_;
};

}  // namespace gradient_check::python
