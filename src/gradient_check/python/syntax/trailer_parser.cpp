#include "gradient_check/python/syntax/trailer_parser.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "gradient_check/python/syntax/display_parser.h"
#include "gradient_check/python/syntax/unicode_identifiers.h"

namespace gradient_check::python {

using ast::ExpressionPtr;

ExpressionPtr TrailerParser::call(ExpressionPtr func) {
  const std::uint32_t begin = func->outer.begin;
  ast::Call call = arguments();
  call.func = std::move(func);
  return context_.make(context_.since(begin), std::move(call));
}

ast::Call TrailerParser::arguments() {
  const std::uint32_t opening = context_.begin();
  context_.advance();
  ast::Call call;
  while (!context_.is(TokenType::RightParen)) {
    argument(call, opening);
    if (context_.accept(TokenType::Comma)) continue;
    if (context_.is(TokenType::RightParen)) break;
    std::string help;
    if (expressions_.at_expression())
      help = fmt::format("write a comma before {}", context_.text(context_.current().span));
    if (context_.is(TokenType::Equal)) help = "the name of an argument is one word; == compares";
    context_.fail_expected("',' or ')' in the arguments", help);
  }
  context_.advance();
  call.parentheses = context_.since(opening);
  return call;
}

void TrailerParser::argument(ast::Call& call, std::uint32_t opening) {
  const TokenType type = context_.current().type;
  if (type == TokenType::DoubleStar ||
      (type == TokenType::Name && context_.peek().type == TokenType::Equal)) {
    call.keywords.push_back(keyword());
    double_star_ |= !call.keywords.back().arg;
  } else {
    positional(call, opening);
  }
}

void TrailerParser::positional(ast::Call& call, std::uint32_t opening) {
  const std::uint32_t begin = context_.begin();
  const bool starred = context_.is(TokenType::Star);
  const bool first = call.args.empty() && call.keywords.empty();
  if (starred) {
    call.args.push_back(expressions_.starred(&ExpressionParser::expression));
  } else {
    call.args.push_back(expressions_.named_expression());
    if (DisplayParser(expressions_).at_comprehension()) {
      call.args.back() = generator(std::move(call.args.back()), opening);
      if (!first || !context_.is(TokenType::RightParen))
        context_.fail(context_.since(begin), "a generator expression beside other arguments",
                      "put it in parentheses");
      return;
    }
  }
  if (double_star_)
    context_.fail(context_.since(begin), "a positional argument behind `**`",
                  "write positional arguments first");
  if (!starred && !call.keywords.empty())
    context_.fail(context_.since(begin),
                  fmt::format("a positional argument behind the keyword argument {}=…",
                              *call.keywords.front().arg),
                  "write positional arguments first");
}

ExpressionPtr TrailerParser::generator(ExpressionPtr element, std::uint32_t opening) {
  ast::GeneratorExp result{std::move(element), DisplayParser(expressions_).comprehensions()};
  // The only argument shares its parentheses with the call.
  Span span = context_.since(opening);
  if (context_.is(TokenType::RightParen)) span.end = context_.current().span.end;
  return context_.make(span, std::move(result));
}

ast::Keyword TrailerParser::keyword() {
  const std::uint32_t begin = context_.begin();
  ast::Keyword keyword;
  if (context_.accept(TokenType::DoubleStar)) {
    keyword.value = expressions_.expression();
  } else {
    keyword.arg_span = context_.advance().span;
    keyword.arg = normalized_name(context_.text(keyword.arg_span));
    context_.advance();
    if (context_.is(TokenType::Comma) || context_.is(TokenType::RightParen))
      context_.fail_expected(fmt::format("a value for the argument {}=", *keyword.arg));
    keyword.value = expressions_.expression();
    if (DisplayParser(expressions_).at_comprehension())
      context_.fail(context_.since(begin), "a generator expression beside a keyword",
                    "put it in parentheses");
  }
  static_cast<ast::Node&>(keyword) = context_.node(context_.since(begin));
  return keyword;
}

ExpressionPtr TrailerParser::subscript(ExpressionPtr value) {
  const std::uint32_t begin = value->outer.begin;
  context_.advance();
  if (context_.is(TokenType::RightBracket)) context_.fail_expected("an index in the brackets");
  ExpressionPtr index = slices();
  if (!context_.is(TokenType::RightBracket)) {
    std::string help;
    if (expressions_.at_expression())
      help = fmt::format("write a comma before {}", context_.text(context_.current().span));
    context_.fail_expected("',' or ']' behind the index", help);
  }
  context_.advance();
  return context_.make(context_.since(begin), ast::Subscript{std::move(value), std::move(index)});
}

ExpressionPtr TrailerParser::slices() {
  const std::uint32_t begin = context_.begin();
  ExpressionPtr first = slice();
  if (!context_.is(TokenType::Comma) && !first->as<ast::Starred>()) return first;
  ast::Tuple tuple{{std::move(first)}};
  while (context_.accept(TokenType::Comma)) {
    if (context_.is(TokenType::RightBracket)) break;
    tuple.elts.push_back(slice());
  }
  return context_.make(context_.since(begin), std::move(tuple));
}

ExpressionPtr TrailerParser::slice() {
  if (context_.is(TokenType::Star)) return expressions_.starred(&ExpressionParser::expression);
  const std::uint32_t begin = context_.begin();
  ast::Slice slice;
  if (!context_.is(TokenType::Colon)) {
    ExpressionPtr value = expressions_.named_expression();
    const bool named = value->as<ast::NamedExpr>() && !value->is_parenthesized();
    if (!context_.is(TokenType::Colon) || named) return value;
    slice.lower = std::move(value);
  }
  context_.advance();
  const auto part = [&] {
    return expressions_.at_expression() ? expressions_.expression() : nullptr;
  };
  slice.upper = part();
  if (context_.accept(TokenType::Colon)) slice.step = part();
  return context_.make(context_.since(begin), std::move(slice));
}

}  // namespace gradient_check::python
