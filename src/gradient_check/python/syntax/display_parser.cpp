#include "gradient_check/python/syntax/display_parser.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "gradient_check/python/syntax/target_checker.h"

namespace gradient_check::python {

using ast::ExpressionPtr;

ExpressionPtr DisplayParser::parentheses() {
  const std::uint32_t begin = context_.begin();
  context_.advance();
  if (context_.accept(TokenType::RightParen))
    return context_.make(context_.since(begin), ast::Tuple{});
  if (context_.is(TokenType::Yield)) {
    ExpressionPtr value = expressions_.yield_expression();
    close(TokenType::RightParen, "behind `yield …`");
    return ParserContext::parenthesized(std::move(value), context_.since(begin));
  }
  ExpressionPtr first = expressions_.star_named_expression();
  if (context_.is(TokenType::Comma)) {
    ast::Tuple tuple{elements_after(std::move(first), TokenType::RightParen, "in the parentheses")};
    return context_.make(context_.since(begin), std::move(tuple));
  }
  if (first->as<ast::Starred>()) fail_starred(*first);
  if (at_comprehension()) {
    ast::GeneratorExp generator{std::move(first), comprehensions()};
    close(TokenType::RightParen, "behind the generator expression");
    return context_.make(context_.since(begin), std::move(generator));
  }
  close(TokenType::RightParen, "in the parentheses");
  return ParserContext::parenthesized(std::move(first), context_.since(begin));
}

ExpressionPtr DisplayParser::brackets() {
  const std::uint32_t begin = context_.begin();
  context_.advance();
  if (context_.accept(TokenType::RightBracket))
    return context_.make(context_.since(begin), ast::List{});
  ExpressionPtr first = expressions_.star_named_expression();
  if (at_comprehension()) {
    if (first->as<ast::Starred>()) fail_starred(*first);
    ast::ListComp list{std::move(first), comprehensions()};
    close(TokenType::RightBracket, "behind the comprehension");
    return context_.make(context_.since(begin), std::move(list));
  }
  ast::List list{elements_after(std::move(first), TokenType::RightBracket, "in the list")};
  return context_.make(context_.since(begin), std::move(list));
}

ExpressionPtr DisplayParser::braces() {
  const std::uint32_t begin = context_.begin();
  context_.advance();
  if (context_.accept(TokenType::RightBrace))
    return context_.make(context_.since(begin), ast::Dict{});
  if (context_.is(TokenType::DoubleStar)) return dictionary(begin, nullptr);
  const std::uint32_t first_token = context_.begin();
  ExpressionPtr first = expressions_.star_named_expression();
  if (context_.is(TokenType::Colon)) {
    if (first->as<ast::Starred>() || (first->as<ast::NamedExpr>() && !first->is_parenthesized()))
      context_.fail(context_.since(first_token), "this cannot be the key of a dictionary",
                    "put it in parentheses");
    return dictionary(begin, std::move(first));
  }
  if (at_comprehension()) {
    if (first->as<ast::Starred>()) fail_starred(*first);
    ast::SetComp set{std::move(first), comprehensions()};
    close(TokenType::RightBrace, "behind the comprehension");
    return context_.make(context_.since(begin), std::move(set));
  }
  ast::Set set{elements_after(std::move(first), TokenType::RightBrace, "in the set")};
  return context_.make(context_.since(begin), std::move(set));
}

ExpressionPtr DisplayParser::dictionary(std::uint32_t begin, ExpressionPtr first_key) {
  ast::Dict dict;
  if (first_key) {
    context_.advance();
    ExpressionPtr value = expressions_.expression();
    if (at_comprehension()) {
      ast::DictComp result{std::move(first_key), std::move(value), comprehensions()};
      close(TokenType::RightBrace, "behind the comprehension");
      return context_.make(context_.since(begin), std::move(result));
    }
    dict.items.push_back({std::move(first_key), std::move(value)});
  } else {
    dict.items.push_back(item());
    if (at_comprehension())
      context_.fail(context_.current().span, "`**` cannot be used in a dictionary comprehension",
                    "write for key, value in ….items()");
  }
  while (context_.accept(TokenType::Comma)) {
    if (context_.is(TokenType::RightBrace)) break;
    dict.items.push_back(item());
  }
  close(TokenType::RightBrace, "in the dictionary");
  return context_.make(context_.since(begin), std::move(dict));
}

ast::DictItem DisplayParser::item() {
  if (context_.accept(TokenType::DoubleStar)) return {nullptr, expressions_.bitwise_or()};
  ExpressionPtr key = expressions_.expression();
  context_.expect(TokenType::Colon, "behind a key of the dictionary",
                  "every entry is written key: value");
  ExpressionPtr value = expressions_.expression();
  return {std::move(key), std::move(value)};
}

std::vector<ExpressionPtr> DisplayParser::elements_after(ExpressionPtr first, TokenType closing,
                                                         std::string_view where) {
  std::vector<ExpressionPtr> elements;
  elements.push_back(std::move(first));
  while (context_.accept(TokenType::Comma)) {
    if (context_.is(closing)) break;
    elements.push_back(expressions_.star_named_expression());
  }
  close(closing, where);
  return elements;
}

void DisplayParser::close(TokenType closing, std::string_view where) {
  if (context_.accept(closing)) return;
  const TokenType found = context_.current().type;
  std::string help;
  if (found == TokenType::Equal) {
    help = "write == to compare, := to assign within an expression";
  } else if (expressions_.at_expression()) {
    help = fmt::format("write a comma before {}", context_.text(context_.current().span));
  } else if (found == TokenType::Colon && closing == TokenType::RightBrace) {
    help = "write key: value for every entry, and commas between them";
  }
  context_.fail_expected(fmt::format("',' or '{}' {}", spelling(closing), where), help);
}

void DisplayParser::fail_starred(const ast::Expression& starred) const {
  context_.fail(starred.span, "`*` unpacks into a list, tuple, set or call only",
                "write (*values,) for a tuple");
}

bool DisplayParser::at_comprehension() const {
  return context_.is(TokenType::For) ||
         (context_.is(TokenType::Async) && context_.peek().type == TokenType::For);
}

std::vector<ast::Comprehension> DisplayParser::comprehensions() {
  std::vector<ast::Comprehension> result;
  while (at_comprehension()) result.push_back(comprehension());
  return result;
}

ast::Comprehension DisplayParser::comprehension() {
  ast::Comprehension result;
  result.is_async = context_.accept(TokenType::Async);
  context_.advance();
  result.target = expressions_.target_list();
  TargetChecker(context_).check_loop_target(*result.target);
  if (!context_.is(TokenType::In)) context_.fail_expected("`in` behind the variables of `for`");
  context_.advance();
  result.iter = expressions_.disjunction();
  while (context_.accept(TokenType::If)) result.ifs.push_back(expressions_.disjunction());
  if (context_.is(TokenType::Else))
    context_.fail(context_.current().span, "the `if` at the end of a comprehension has no `else`",
                  "write a if b else c before `for`");
  return result;
}

}  // namespace gradient_check::python
