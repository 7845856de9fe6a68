#include "gradient_check/subject/program/expression_parser.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "gradient_check/subject/program/nesting.h"

namespace gradient_check {
namespace {

constexpr int or_strength = 1, and_strength = 2, not_strength = 3, comparison_strength = 4,
              sign_strength = 11, power_strength = 12;

/// Binding strength of Python's binary operators; 0 for what is none.
int strength_of(const Token& token) {
  const std::string& t = token.text;
  if (token.kind == Token::Kind::name) {
    if (t == "or") return or_strength;
    if (t == "and") return and_strength;
    return t == "in" || t == "is" || t == "not" ? comparison_strength : 0;
  }
  if (token.kind != Token::Kind::op) return 0;
  static const std::set<std::string> comparisons{"<", ">", "==", "!=", "<=", ">="};
  if (comparisons.count(t) != 0) return comparison_strength;
  if (t == "|") return 5;
  if (t == "^") return 6;
  if (t == "&") return 7;
  if (t == "<<" || t == ">>") return 8;
  if (t == "+" || t == "-") return 9;
  if (t == "*" || t == "/" || t == "//" || t == "%" || t == "@") return 10;
  return t == "**" ? power_strength : 0;
}

}  // namespace

Expr ExpressionParser::begun(ExprKind kind, std::size_t begin, std::string text) {
  Expr expr;
  expr.kind = kind;
  expr.span = {begin, begin};
  expr.text = std::move(text);
  return expr;
}

Expr ExpressionParser::ended(Expr expr) const {
  expr.span.end = cursor_.text_end();
  return expr;
}

bool ExpressionParser::starts_expression() const {
  if (cursor_.is(Token::Kind::newline) || cursor_.is_end()) return false;
  for (const char* closing : {")", "]", "}", "=", ":", ";"})
    if (cursor_.is(closing)) return false;
  return true;
}

Expr ExpressionParser::expression_list() {
  Expr first = starred_or_expression();
  if (!cursor_.is(",")) return first;
  Expr tuple = begun(ExprKind::tuple, first.span.begin);
  tuple.children.push_back(std::move(first));
  while (cursor_.accept(","))
    if (starts_expression()) tuple.children.push_back(starred_or_expression());
  return ended(std::move(tuple));
}

Expr ExpressionParser::target_list() {
  Expr first = postfix();
  if (!cursor_.is(",")) return first;
  Expr tuple = begun(ExprKind::tuple, first.span.begin);
  tuple.children.push_back(std::move(first));
  while (cursor_.accept(","))
    if (!cursor_.is("in")) tuple.children.push_back(postfix());
  return ended(std::move(tuple));
}

Expr ExpressionParser::starred_or_expression() {
  if (!cursor_.is("*")) return expression();
  Expr node = begun(ExprKind::starred, cursor_.current().span.begin);
  cursor_.advance();
  node.children.push_back(expression());
  return ended(std::move(node));
}

Expr ExpressionParser::expression() {
  const Nesting level(depth_, cursor_.current().line);
  if (cursor_.is("lambda"))
    throw SyntaxError(fmt::format("line {}: a lambda", cursor_.current().line));
  Expr value = binary(or_strength);
  if (!cursor_.accept("if")) return value;
  Expr ternary = begun(ExprKind::ternary, value.span.begin);
  ternary.children.push_back(std::move(value));
  ternary.children.push_back(binary(or_strength));
  cursor_.expect("else");
  ternary.children.push_back(expression());
  return ended(std::move(ternary));
}

Expr ExpressionParser::binary(int least) {
  Expr left = unary();
  int operators = 0;
  while (true) {
    const int strength = strength_of(cursor_.current());
    if (strength == 0 || strength < least) break;
    left = binary_node(std::move(left), strength);
    if (++operators % most_nesting == 0) check_height(left, cursor_.current().line);
  }
  if (operators > 0) check_height(left, cursor_.current().line);
  return left;
}

Expr ExpressionParser::binary_node(Expr left, int strength) {
  Expr node = begun(ExprKind::binary, left.span.begin, cursor_.current().text);
  node.op = cursor_.current().span;
  cursor_.advance();
  if ((node.text == "not" && cursor_.is("in")) || (node.text == "is" && cursor_.is("not"))) {
    node.text += " " + cursor_.current().text;
    node.op.end = cursor_.current().span.end;
    cursor_.advance();
  }
  node.children.push_back(std::move(left));
  const Nesting level(depth_, cursor_.current().line);
  // ** binds to the right, and its exponent may carry a sign.
  node.children.push_back(binary(strength == power_strength ? sign_strength : strength + 1));
  return ended(std::move(node));
}

Expr ExpressionParser::unary() {
  const bool is_not = cursor_.is("not");
  if (!is_not && !cursor_.is("-") && !cursor_.is("+") && !cursor_.is("~")) return postfix();
  const Nesting level(depth_, cursor_.current().line);
  Expr node = begun(ExprKind::unary, cursor_.current().span.begin, cursor_.current().text);
  node.op = cursor_.current().span;
  cursor_.advance();
  node.children.push_back(binary(is_not ? not_strength : sign_strength));
  return ended(std::move(node));
}

}  // namespace gradient_check
