#include "gradient_check/python/syntax/with_items_parser.h"

#include <algorithm>
#include <utility>

#include "gradient_check/python/syntax/target_checker.h"

namespace gradient_check::python {

using ast::ExpressionPtr;

namespace {

/// True for the elements of `with (a, b):` if it opens them one by one, as opposed to a tuple.
bool all_plain(const std::vector<ExpressionPtr>& elements) {
  return !elements.empty() &&
         std::all_of(elements.begin(), elements.end(), [](const ExpressionPtr& element) {
           const bool named = element->as<ast::NamedExpr>() && !element->is_parenthesized();
           return !named && !element->as<ast::Starred>();
         });
}

}  // namespace

std::vector<ast::WithItem> WithItemsParser::parse() {
  if (parenthesized_with_names()) return parenthesized();
  std::vector<ast::WithItem> items;
  do items.push_back(item());
  while (context_.accept(TokenType::Comma));
  if (items.size() > 1 || items[0].optional_vars || !context_.is(TokenType::Colon)) return items;
  const auto* const tuple = items[0].context_expr->as<ast::Tuple>();
  const bool in_parentheses =
      tuple != nullptr && context_.text(items[0].context_expr->span).front() == '(';
  if (!in_parentheses || items[0].context_expr->is_parenthesized() || !all_plain(tuple->elts))
    return items;
  std::vector<ast::WithItem> result;
  for (const ExpressionPtr& element : tuple->elts) result.push_back({element, nullptr});
  return result;
}

/// with (a as b, …): up to the bracket that closes the first, and an `as` directly in it.
bool WithItemsParser::parenthesized_with_names() const {
  if (!context_.is(TokenType::LeftParen)) return false;
  const std::size_t close = context_.current().partner;
  const std::size_t first = context_.index() + 1;
  for (std::size_t i = first; i != close; ++i) {
    const Token& token = context_.token(i);
    if (token.type == TokenType::EndOfText || token.type == TokenType::Error) return false;
    if (token.type == TokenType::As) return true;
    if (token.partner != Token::no_partner && token.partner > i) i = token.partner;
  }
  return false;
}

std::vector<ast::WithItem> WithItemsParser::parenthesized() {
  context_.advance();
  std::vector<ast::WithItem> items;
  do {
    if (context_.is(TokenType::RightParen) && !items.empty()) break;
    items.push_back(item());
  } while (context_.accept(TokenType::Comma));
  context_.expect(TokenType::RightParen, "behind what `with` opens");
  return items;
}

ast::WithItem WithItemsParser::item() {
  ast::WithItem result;
  result.context_expr = expressions_.expression();
  if (context_.accept(TokenType::As)) {
    result.optional_vars = expressions_.target();
    TargetChecker(context_).check_assignment_target(*result.optional_vars);
  }
  return result;
}

}  // namespace gradient_check::python
