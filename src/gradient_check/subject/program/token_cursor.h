#pragma once

#include <string>
#include <vector>

#include "gradient_check/subject/program/tokens.h"

namespace gradient_check {

/// A place in a program's tokens. What follows the last token is the last token, the end.
class TokenCursor {
 public:
  explicit TokenCursor(const std::string& text) : tokens_(tokenize(text)) {}

  const Token& current() const { return tokens_[at_]; }
  const Token& next() const { return tokens_[at_ + 1 < tokens_.size() ? at_ + 1 : at_]; }
  void advance() {
    if (at_ + 1 < tokens_.size()) ++at_;
  }

  bool is(Token::Kind kind) const { return current().kind == kind; }
  bool is_end() const { return is(Token::Kind::end); }
  /// Whether the operator or the word `text` stands here.
  bool is(const char* text) const { return is_op_or_name(current(), text); }
  bool next_is(const char* text) const { return is_op_or_name(next(), text); }

  /// Goes past `text` where it stands here.
  bool accept(const char* text);
  /// Goes past `text`. Throws SyntaxError where something else stands here.
  void expect(const char* text);

  /// Where the text ends that was read so far, without newlines and indentation.
  std::size_t text_end() const;

 private:
  static bool is_op_or_name(const Token& token, const char* text) {
    return (token.kind == Token::Kind::op || token.kind == Token::Kind::name) && token.text == text;
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace gradient_check
