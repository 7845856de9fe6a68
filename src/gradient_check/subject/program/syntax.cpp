#include "gradient_check/subject/program/syntax.h"

#include "gradient_check/subject/program/expression_parser.h"
#include "gradient_check/subject/program/statement_parser.h"
#include "gradient_check/subject/program/token_cursor.h"

namespace gradient_check {
namespace {

std::vector<std::string> argument_names(TokenCursor& cursor, ExpressionParser& expressions) {
  std::vector<std::string> names;
  cursor.expect("(");
  while (!cursor.is(")") && !cursor.is_end()) {
    if (!cursor.accept("*")) {  // what follows a lone * is given by keyword
      names.push_back(cursor.current().text);
      cursor.advance();
      if (cursor.accept(":")) expressions.expression();
      if (cursor.accept("=")) expressions.expression();
    }
    if (!cursor.accept(",")) break;
  }
  cursor.expect(")");
  return names;
}

FunctionSyntax function(TokenCursor& cursor) {
  ExpressionParser expressions(cursor);
  FunctionSyntax result;
  result.span.begin = cursor.current().span.begin;
  cursor.expect("def");
  result.name = cursor.current().text;
  cursor.advance();
  result.arguments = argument_names(cursor, expressions);
  if (cursor.accept("->")) expressions.expression();
  result.body = StatementParser(cursor, expressions).block();
  result.span.end = cursor.text_end();
  return result;
}

}  // namespace

std::vector<FunctionSyntax> parse_functions(const std::string& text) {
  TokenCursor cursor(text);
  std::vector<FunctionSyntax> found;
  while (!cursor.is_end()) {
    if (cursor.is("def"))
      found.push_back(function(cursor));
    else
      cursor.advance();  // imports, constants, decorators: others read them
  }
  return found;
}

}  // namespace gradient_check
