#include "gradient_check/subject/program/token_cursor.h"

#include <fmt/format.h>

namespace gradient_check {

bool TokenCursor::accept(const char* text) {
  if (!is(text)) return false;
  advance();
  return true;
}

void TokenCursor::expect(const char* text) {
  if (!accept(text))
    throw SyntaxError(
        fmt::format("line {}: expected '{}', found '{}'", current().line, text, current().text));
}

std::size_t TokenCursor::text_end() const {
  for (std::size_t i = at_; i > 0; --i) {
    const Token& token = tokens_[i - 1];
    if (token.kind == Token::Kind::name || token.kind == Token::Kind::number ||
        token.kind == Token::Kind::string || token.kind == Token::Kind::op)
      return token.span.end;
  }
  return 0;
}

}  // namespace gradient_check
