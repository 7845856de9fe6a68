#include "gradient_check/python/syntax/parser_context.h"

#include <fmt/format.h>

#include <algorithm>

#include "gradient_check/python/syntax/children.h"
#include "gradient_check/python/syntax/syntax_advice.h"

namespace gradient_check::python {

const Token& ParserContext::advance() {
  const Token& token = current();
  if (at_end()) return token;
  if (token.type != TokenType::Newline && token.type != TokenType::Indent &&
      token.type != TokenType::Dedent)
    end_ = token.span.end;
  ++index_;
  return token;
}

bool ParserContext::accept(TokenType type) {
  if (!is(type)) return false;
  advance();
  return true;
}

const Token& ParserContext::expect(TokenType type, std::string_view where, std::string_view help) {
  if (!is(type))
    fail_expected(fmt::format("'{}'{}{}", spelling(type), where.empty() ? "" : " ", where), help);
  return advance();
}

ast::Node ParserContext::node(Span span) {
  if (next_id_ >= ast::most_nodes)
    fail(span, fmt::format("a program of more than {} parts", ast::most_nodes));
  return {next_id_++, span, ast::Origin::source};
}

template <typename NodeType, typename Form>
std::shared_ptr<NodeType> ParserContext::made(Span span, Form&& form) {
  auto result = std::make_shared<NodeType>();
  static_cast<ast::Node&>(*result) = node(span);
  result->form = std::move(form);
  int below = 0;
  ast::for_each_child(std::as_const(*result),
                      [&](const auto& child) { below = std::max<int>(below, child->height); });
  if (below >= ast::most_height) fail_too_deep(span);
  result->height = static_cast<std::uint16_t>(below + 1);
  return result;
}

ast::ExpressionPtr ParserContext::make(Span span, ast::ExpressionForm&& form) {
  auto result = made<ast::Expression>(span, std::move(form));
  result->outer = span;
  return result;
}

ast::StatementPtr ParserContext::make(Span span, ast::StatementForm&& form) {
  return made<ast::Statement>(span, std::move(form));
}

ast::PatternPtr ParserContext::make(Span span, ast::PatternForm&& form) {
  return made<ast::Pattern>(span, std::move(form));
}

ast::ExpressionPtr ParserContext::parenthesized(ast::ExpressionPtr expression, Span outer) {
  // Made just now by make(), not const there, and still nobody else's.
  std::const_pointer_cast<ast::Expression>(expression)->outer = outer;
  return expression;
}

void ParserContext::fail(Span span, const std::string& message, const std::string& help) const {
  throw SyntaxError(span, message, help);
}

void ParserContext::fail_too_deep(Span span) const {
  fail(span, fmt::format("this is nested more than {} deep", ast::most_height),
       "give parts of it names of their own");
}

void ParserContext::fail_if_explained() const {
  if (is(TokenType::Error)) throw SyntaxError(*stream_.error);
  if (!stream_.error) return;
  for (std::size_t i = index_; i-- > 0;) {
    const Token& token = stream_.tokens[i];
    const bool opens = token.type == TokenType::LeftParen || token.type == TokenType::LeftBracket ||
                       token.type == TokenType::LeftBrace;
    if (!opens || token.partner != Token::no_partner) continue;
    const bool is_the_error = stream_.error->span() == token.span;
    const bool on_a_line_above =
        text({token.span.begin, begin()}).find('\n') != std::string_view::npos;
    if (is_the_error || on_a_line_above) fail_never_closed(token);
    return;
  }
}

void ParserContext::fail_expected(std::string_view what, std::string_view help) const {
  fail_if_explained();
  Span span = current().span;
  if (is(TokenType::Newline) || at_end()) span = {end_, end_ + 1};
  fail(span, fmt::format("expected {}, found {}", what, description(*this, current())),
       std::string(help));
}

}  // namespace gradient_check::python
