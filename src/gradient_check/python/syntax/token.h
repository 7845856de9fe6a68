#pragma once

#include <cstdint>
#include <string_view>

#include "gradient_check/python/source/span.h"

namespace gradient_check::python {

enum class TokenType : std::uint8_t {
  EndOfText,
  Newline,  ///< the end of a logical line
  Indent,
  Dedent,
  Error,  ///< the tokenizer stopped here; always the last token
  Name,
  Number,
  String,
  FStringStart,   ///< f"
  FStringMiddle,  ///< literal characters of an f-string or of a format specification
  FStringEnd,     ///< "
  // Operators.
  LeftParen,
  RightParen,
  LeftBracket,
  RightBracket,
  LeftBrace,
  RightBrace,
  Comma,
  Colon,
  Semicolon,
  Dot,
  Ellipsis,
  Arrow,
  ColonEqual,
  Exclamation,  ///< before a conversion in an f-string
  Equal,
  EqualEqual,
  NotEqual,
  LessGreater,  ///< Python 2's <>
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  Plus,
  Minus,
  Star,
  Slash,
  DoubleSlash,
  Percent,
  At,
  DoubleStar,
  Pipe,
  Caret,
  Ampersand,
  LeftShift,
  RightShift,
  Tilde,
  PlusEqual,
  MinusEqual,
  StarEqual,
  SlashEqual,
  DoubleSlashEqual,
  PercentEqual,
  AtEqual,
  DoubleStarEqual,
  PipeEqual,
  CaretEqual,
  AmpersandEqual,
  LeftShiftEqual,
  RightShiftEqual,
  // Keywords.
  False,
  None,
  True,
  And,
  As,
  Assert,
  Async,
  Await,
  Break,
  Class,
  Continue,
  Def,
  Del,
  Elif,
  Else,
  Except,
  Finally,
  For,
  From,
  Global,
  If,
  Import,
  In,
  Is,
  Lambda,
  Nonlocal,
  Not,
  Or,
  Pass,
  Raise,
  Return,
  Try,
  While,
  With,
  Yield
};

struct Token {
  static constexpr std::uint32_t no_partner = 0xffffffff;

  TokenType type = TokenType::EndOfText;
  Span span;
  /// Of a bracket: the index of the token that closes or opens it.
  std::uint32_t partner = no_partner;
};

inline bool is_keyword(TokenType type) { return type >= TokenType::False; }

/// The keyword that is spelt so, or Name.
TokenType keyword_type(std::string_view text);

/// How an operator or keyword is spelt; "" for other tokens.
std::string_view spelling(TokenType type);

}  // namespace gradient_check::python
