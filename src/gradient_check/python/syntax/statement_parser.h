#pragma once

#include <vector>

#include "gradient_check/python/syntax/expression_parser.h"

namespace gradient_check::python {

/// Statements without a block of their own: assignments, return, raise, import, …
class StatementParser {
 public:
  explicit StatementParser(ExpressionParser& expressions)
      : expressions_(expressions), context_(expressions.context()) {}

  /// One line of them, with semicolons between; moves behind its end.
  void line(std::vector<ast::StatementPtr>& statements);

 private:
  ast::StatementPtr statement();
  ast::StatementPtr keyword_statement();
  ast::StatementPtr expression_or_assignment();
  ast::StatementPtr assignment(std::uint32_t begin, ast::ExpressionPtr first);
  ast::StatementPtr annotated(std::uint32_t begin, ast::ExpressionPtr target);
  ast::StatementPtr augmented(std::uint32_t begin, ast::ExpressionPtr target,
                              ast::BinaryOperator op);
  ast::StatementPtr return_statement();
  ast::StatementPtr raise_statement();
  [[noreturn]] void fail_python2_raise(const ast::Expression& type) const;
  ast::StatementPtr delete_statement();
  ast::StatementPtr assert_statement();
  template <typename Form>
  ast::StatementPtr names_statement();
  template <typename Form>
  ast::StatementPtr bare_statement();
  ast::StatementPtr type_alias();
  bool at_print_statement() const;
  bool at_exec_statement() const;
  ast::StatementPtr print_statement();
  ast::StatementPtr exec_statement();
  [[noreturn]] void fail_at_end(std::size_t first_token) const;

  ExpressionParser& expressions_;
  ParserContext& context_;
};

}  // namespace gradient_check::python
