#include "gradient_check/python/syntax/unparser.h"

#include "gradient_check/python/syntax/statement_printer.h"

namespace gradient_check::python {

std::string unparse(const ast::Expression& expression, const SourceText* source) {
  std::string text;
  ExpressionPrinter(text, source).print(expression, Precedence::NamedExpr);
  return text;
}

std::string unparse(const ast::Statement& statement, const SourceText* source, int indent) {
  std::string text;
  StatementPrinter(text, source, indent).print(statement);
  return text;
}

std::string unparse(const ast::Module& module) {
  std::string text;
  StatementPrinter(text, nullptr, 0).print_lines(module.body);
  if (!text.empty()) text += '\n';
  return text;
}

}  // namespace gradient_check::python
