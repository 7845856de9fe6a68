#include "gradient_check/python/syntax/atom_parser.h"

#include <fmt/format.h>

#include <utility>

#include "gradient_check/python/syntax/display_parser.h"
#include "gradient_check/python/syntax/number_literal.h"
#include "gradient_check/python/syntax/string_parser.h"
#include "gradient_check/python/syntax/unicode_identifiers.h"

namespace gradient_check::python {

using ast::ExpressionPtr;

ExpressionPtr AtomParser::atom() {
  switch (context_.current().type) {
    case TokenType::Name:
      return name();
    case TokenType::Number:
      return number();
    case TokenType::String:
    case TokenType::FStringStart:
      return StringParser(expressions_).strings();
    case TokenType::LeftParen:
      return DisplayParser(expressions_).parentheses();
    case TokenType::LeftBracket:
      return DisplayParser(expressions_).brackets();
    case TokenType::LeftBrace:
      return DisplayParser(expressions_).braces();
    case TokenType::None:
      return constant(context_.advance().span, ast::NoneConstant{});
    case TokenType::True:
      return constant(context_.advance().span, true);
    case TokenType::False:
      return constant(context_.advance().span, false);
    case TokenType::Ellipsis:
      return constant(context_.advance().span, ast::EllipsisConstant{});
    default:
      fail_no_operand();
  }
}

ExpressionPtr AtomParser::name() {
  const Span span = context_.advance().span;
  return context_.make(span, ast::Name{normalized_name(context_.text(span))});
}

ExpressionPtr AtomParser::constant(Span span, const ast::ConstantValue& value) {
  ast::ExpressionForm form(std::in_place_type<ast::Constant>);
  std::get<ast::Constant>(form).value = value;
  return context_.make(span, std::move(form));
}

ExpressionPtr AtomParser::number() {
  const Span span = context_.advance().span;
  return constant(span, number_value(context_.text(span)));
}

void AtomParser::fail_no_operand() const {
  context_.fail_if_explained();
  const TokenType found = context_.current().type;
  const Token& before = context_.previous();
  if (found == TokenType::RightShift && context_.peek().type == TokenType::Greater)
    context_.fail({context_.begin(), context_.peek().span.end},
                  "`>>>` is the prompt of an interactive session", "leave it out");
  const std::string_view operator_before = spelling(before.type);
  const bool after_something = context_.index() > 0 && !operator_before.empty();
  const std::string what =
      after_something ? fmt::format("an expression behind `{}`", operator_before) : "an expression";
  std::string help;
  if (found == before.type && found == TokenType::Ampersand) {
    help = "write `and`";
  } else if (found == before.type && found == TokenType::Pipe) {
    help = "write `or`";
  } else if (found == TokenType::Equal && before.type == TokenType::EqualEqual) {
    help = "write ==";
  } else if (before.type == TokenType::Plus || before.type == TokenType::Minus) {
    const Token& sign = context_.token(context_.index() >= 2 ? context_.index() - 2 : 0);
    if (sign.type == before.type)
      help = fmt::format("Python has no {0}{0}: write {0}= 1", operator_before);
  } else if (found == TokenType::Yield) {
    help = "put `yield …` in parentheses";
  } else if (is_keyword(found)) {
    help = "a keyword cannot be a name";
  }
  context_.fail_expected(what, help);
}

}  // namespace gradient_check::python
