#include <fmt/format.h>

#include <utility>

#include "gradient_check/subject/program/expression_parser.h"
#include "gradient_check/subject/program/nesting.h"

namespace gradient_check {

Expr ExpressionParser::postfix() {
  Expr value = atom();
  int links = 0;
  while (true) {
    if (cursor_.is("."))
      value = attribute(std::move(value));
    else if (cursor_.is("("))
      value = call(std::move(value));
    else if (cursor_.is("["))
      value = subscript(std::move(value));
    else
      break;
    if (++links % most_nesting == 0) check_height(value, cursor_.current().line);
  }
  if (links > 0) check_height(value, cursor_.current().line);
  return value;
}

Expr ExpressionParser::attribute(Expr value) {
  cursor_.expect(".");
  if (!cursor_.is(Token::Kind::name))
    throw SyntaxError(fmt::format("line {}: expected a name after '.'", cursor_.current().line));
  Expr node = begun(ExprKind::attribute, value.span.begin, cursor_.current().text);
  node.op = cursor_.current().span;
  cursor_.advance();
  node.children.push_back(std::move(value));
  return ended(std::move(node));
}

Expr ExpressionParser::call(Expr callee) {
  Expr node = begun(ExprKind::call, callee.span.begin);
  node.children.push_back(std::move(callee));
  cursor_.expect("(");
  while (!cursor_.is(")") && !cursor_.is_end()) {
    node.children.push_back(argument());
    if (!cursor_.accept(",")) break;
  }
  cursor_.expect(")");
  return ended(std::move(node));
}

Expr ExpressionParser::argument() {
  if (!cursor_.is(Token::Kind::name) || !cursor_.next_is("="))
    return with_comprehension(starred_or_expression());
  const Token name = cursor_.current();
  Expr keyword = begun(ExprKind::keyword, name.span.begin, name.text);
  keyword.op = name.span;
  cursor_.advance();
  cursor_.expect("=");
  keyword.children.push_back(expression());
  return ended(std::move(keyword));
}

Expr ExpressionParser::subscript(Expr value) {
  Expr node = begun(ExprKind::subscript, value.span.begin);
  node.children.push_back(std::move(value));
  cursor_.expect("[");
  while (!cursor_.is("]") && !cursor_.is_end()) {
    node.children.push_back(slice_or_expression());
    if (!cursor_.accept(",")) break;
  }
  cursor_.expect("]");
  return ended(std::move(node));
}

Expr ExpressionParser::slice_or_expression() {
  const std::size_t begin = cursor_.current().span.begin;
  Expr first = cursor_.is(":") ? begun(ExprKind::absent, begin) : starred_or_expression();
  if (!cursor_.is(":")) return first;
  Expr slice = begun(ExprKind::slice, begin);
  slice.children.push_back(std::move(first));
  while (cursor_.accept(":")) {
    const bool absent = cursor_.is(":") || cursor_.is(",") || cursor_.is("]");
    slice.children.push_back(absent ? begun(ExprKind::absent, cursor_.current().span.begin)
                                    : expression());
  }
  return ended(std::move(slice));
}

Expr ExpressionParser::with_comprehension(Expr element) {
  if (!cursor_.is("for")) return element;
  Expr node = begun(ExprKind::comprehension, element.span.begin);
  node.children.push_back(std::move(element));
  while (cursor_.accept("for")) {
    node.children.push_back(target_list());
    cursor_.expect("in");
    node.children.push_back(binary(1));
    while (cursor_.accept("if")) node.children.push_back(binary(1));
  }
  return ended(std::move(node));
}

Expr ExpressionParser::atom() {
  if (cursor_.is(Token::Kind::name)) return word();
  if (cursor_.is(Token::Kind::number) || cursor_.is(Token::Kind::string) || cursor_.is("..."))
    return literal();
  if (cursor_.is("(")) return parenthesized();
  if (cursor_.is("[")) return list();
  if (cursor_.is("{")) return dict();
  throw SyntaxError(
      fmt::format("line {}: unexpected '{}'", cursor_.current().line, cursor_.current().text));
}

Expr ExpressionParser::word() {
  const Token token = cursor_.current();
  cursor_.advance();
  const bool is_literal = token.text == "True" || token.text == "False" || token.text == "None";
  return ended(
      begun(is_literal ? ExprKind::literal : ExprKind::name, token.span.begin, token.text));
}

Expr ExpressionParser::literal() {
  const Token token = cursor_.current();
  cursor_.advance();
  if (token.kind == Token::Kind::number)
    return ended(begun(ExprKind::number, token.span.begin, token.text));
  if (token.kind == Token::Kind::op)
    return ended(begun(ExprKind::literal, token.span.begin, token.text));
  while (cursor_.is(Token::Kind::string)) cursor_.advance();  // "a" "b" is one string
  return ended(begun(ExprKind::string, token.span.begin, token.text));
}

Expr ExpressionParser::parenthesized() {
  Expr node = begun(ExprKind::paren, cursor_.current().span.begin);
  cursor_.expect("(");
  node.children.push_back(cursor_.is(")") ? begun(ExprKind::tuple, cursor_.current().span.begin)
                                          : with_comprehension(expression_list()));
  cursor_.expect(")");
  return ended(std::move(node));
}

Expr ExpressionParser::list() {
  Expr node = begun(ExprKind::list, cursor_.current().span.begin);
  cursor_.expect("[");
  while (!cursor_.is("]") && !cursor_.is_end()) {
    node.children.push_back(with_comprehension(starred_or_expression()));
    if (!cursor_.accept(",")) break;
  }
  cursor_.expect("]");
  return ended(std::move(node));
}

Expr ExpressionParser::dict() {
  Expr node = begun(ExprKind::dict, cursor_.current().span.begin);
  cursor_.expect("{");
  while (!cursor_.is("}") && !cursor_.is_end()) {
    node.children.push_back(expression());
    cursor_.expect(":");
    node.children.push_back(expression());
    if (cursor_.is("for"))
      throw SyntaxError(fmt::format("line {}: a dictionary comprehension", cursor_.current().line));
    if (!cursor_.accept(",")) break;
  }
  cursor_.expect("}");
  return ended(std::move(node));
}

}  // namespace gradient_check
