#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gradient_check/python/syntax/expression_parser.h"

namespace gradient_check::python {

/// Statements with blocks, and blocks of statements.
class CompoundParser {
 public:
  explicit CompoundParser(ExpressionParser& expressions)
      : expressions_(expressions), context_(expressions.context()) {}

  /// Everything up to the end of the text.
  void statements(std::vector<ast::StatementPtr>& result);

  /// [T: bound, *Ts, **P], or nothing.
  std::vector<ast::TypeParameter> type_parameters();

  /// ':' and what stands behind it. `header` is the first token of the line, for errors.
  std::vector<ast::StatementPtr> block(const Token& header);

  static bool begins_with_keyword(TokenType type);

 private:
  void statement(std::vector<ast::StatementPtr>& result);
  ast::StatementPtr compound();
  ast::StatementPtr if_statement();
  std::vector<ast::StatementPtr> else_block();
  ast::StatementPtr while_statement();
  ast::StatementPtr for_statement(std::uint32_t begin, bool is_async);
  ast::StatementPtr with_statement(std::uint32_t begin, bool is_async);
  ast::StatementPtr try_statement();
  ast::ExceptHandler handler(ast::Try& statement);
  void check_handlers(const ast::Try& statement, const Token& header) const;
  ast::StatementPtr decorated();
  ast::StatementPtr function(std::vector<ast::ExpressionPtr> decorators, std::uint32_t begin,
                             bool is_async);
  ast::StatementPtr class_definition(std::vector<ast::ExpressionPtr> decorators);
  ast::StatementPtr async_statement(std::vector<ast::ExpressionPtr> decorators);
  ast::TypeParameter type_parameter();
  [[noreturn]] void fail_no_colon(const Token& header) const;
  [[noreturn]] void fail_misplaced() const;

  ExpressionParser& expressions_;
  ParserContext& context_;
};

}  // namespace gradient_check::python
