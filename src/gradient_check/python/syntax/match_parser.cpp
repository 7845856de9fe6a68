#include "gradient_check/python/syntax/match_parser.h"

#include <utility>

#include "gradient_check/python/syntax/compound_parser.h"
#include "gradient_check/python/syntax/pattern_parser.h"

namespace gradient_check::python {

using ast::ExpressionPtr;

bool MatchParser::at_match() const {
  if (!context_.is_name("match")) return false;
  switch (context_.peek().type) {
    case TokenType::Name:
    case TokenType::Number:
    case TokenType::String:
    case TokenType::FStringStart:
    case TokenType::LeftBrace:
    case TokenType::Ellipsis:
    case TokenType::Tilde:
    case TokenType::False:
    case TokenType::None:
    case TokenType::True:
    case TokenType::Await:
    case TokenType::Lambda:
      return true;
    case TokenType::Not:
      return context_.peek(2).type != TokenType::In;
    // A call, a subscript, a sum or product of something named match; or a subject.
    case TokenType::LeftParen:
    case TokenType::LeftBracket:
    case TokenType::Plus:
    case TokenType::Minus:
    case TokenType::Star:
      return line_opens_block();
    default:
      return false;
  }
}

bool MatchParser::line_opens_block() const {
  for (std::size_t ahead = 1;; ++ahead) {
    const Token& token = context_.peek(ahead);
    if (token.type == TokenType::EndOfText || token.type == TokenType::Error) return false;
    if (token.type == TokenType::Newline)
      return context_.peek(ahead - 1).type == TokenType::Colon &&
             context_.peek(ahead + 1).type == TokenType::Indent;
    const std::size_t index = context_.index() + ahead;
    if (token.partner != Token::no_partner && token.partner > index)
      ahead = token.partner - context_.index();
  }
}

ast::StatementPtr MatchParser::parse() {
  const Token header = context_.advance();
  ast::Match result;
  result.subject = subject();
  if (!context_.is(TokenType::Colon)) context_.fail_expected("':' at the end of the `match` line");
  context_.advance();
  if (!context_.is(TokenType::Newline))
    context_.fail_expected("`case` on a line of its own below `match`");
  context_.advance();
  if (!context_.accept(TokenType::Indent)) {
    context_.fail_if_explained();
    context_.fail(header.span, "this `match` has no block: the next line is not indented",
                  "write case …: below it, indented");
  }
  do {
    if (!context_.is_name("case")) context_.fail_expected("`case` in the block of `match`");
    result.cases.push_back(match_case());
  } while (!context_.accept(TokenType::Dedent));
  return context_.make(context_.since(header.span.begin), ast::StatementForm(std::move(result)));
}

ExpressionPtr MatchParser::subject() {
  const std::uint32_t begin = context_.begin();
  ExpressionPtr first = expressions_.star_named_expression();
  if (!context_.is(TokenType::Comma)) {
    if (first->as<ast::Starred>()) context_.fail_expected("',' behind a subject with `*`");
    return first;
  }
  ast::Tuple tuple{{std::move(first)}};
  while (context_.accept(TokenType::Comma)) {
    if (context_.is(TokenType::Colon)) break;
    tuple.elts.push_back(expressions_.star_named_expression());
  }
  return context_.make(context_.since(begin), std::move(tuple));
}

ast::MatchCase MatchParser::match_case() {
  const Token header = context_.advance();
  ast::MatchCase result;
  result.pattern = PatternParser(expressions_).patterns();
  if (context_.accept(TokenType::If)) result.guard = expressions_.named_expression();
  result.body = CompoundParser(expressions_).block(header);
  return result;
}

}  // namespace gradient_check::python
