#pragma once

#include <string>
#include <vector>

#include "gradient_check/python/syntax/expression_printer.h"

namespace gradient_check::python {

/// Appends statements to a text, a line each, blocks indented by 4. See ExpressionPrinter.
class StatementPrinter {
 public:
  StatementPrinter(std::string& out, const SourceText* source, int indent)
      : out_(out), source_(source), expressions_(out, source), indent_(indent) {}

  /// Without its first line's indentation and its last line's end.
  void print(const ast::Statement& statement);
  /// Lines with both.
  void print_lines(const std::vector<ast::StatementPtr>& statements);

  ExpressionPrinter& expressions() { return expressions_; }
  /// The statement itself anew, whatever its origin.
  void print_form(const ast::Statement& statement);

 private:
  struct Forms;

  void begin_line();
  void print_block(const std::vector<ast::StatementPtr>& body);
  void print_else(const char* word, const std::vector<ast::StatementPtr>& body);
  void print_elif_or_else(const std::vector<ast::StatementPtr>& orelse);
  void print_function(const ast::FunctionDef& function);
  void print_class(const ast::ClassDef& definition);
  void print_decorators(const std::vector<ast::ExpressionPtr>& decorators);
  void print_type_parameters(const std::vector<ast::TypeParameter>& parameters);
  void print_with(const ast::With& with);
  void print_try(const ast::Try& statement);
  void print_match(const ast::Match& match);
  void print_names(const char* word, const std::vector<std::string>& names);
  void print_aliases(const std::vector<ast::Alias>& names);
  void print_print(const ast::Print2& print);

  std::string& out_;
  const SourceText* source_;
  ExpressionPrinter expressions_;
  int indent_;
};

}  // namespace gradient_check::python
