#include "gradient_check/python/syntax/string_literal.h"

#include <fmt/format.h>

#include "gradient_check/python/syntax/character_name.h"
#include "gradient_check/python/syntax/syntax_error.h"
#include "gradient_check/python/syntax/unicode_identifiers.h"

namespace gradient_check::python {
namespace {

int hexadecimal_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Decodes the characters [at, end) of a literal.
class EscapeDecoder {
 public:
  EscapeDecoder(std::string_view text, std::uint32_t begin, std::uint32_t end)
      : text_(text), at_(begin), end_(end) {}

  bool is_bytes = false, is_raw = false, doubled_braces = false;

  std::string decoded() {
    while (at_ < end_) {
      const char c = text_[at_];
      if (c == '\\' && !is_raw) {
        escape();
      } else {
        value_ += c;
        // Braces come in twos here: a single one would not be part of the literal.
        at_ += doubled_braces && (c == '{' || c == '}') ? 2 : 1;
      }
    }
    return std::move(value_);
  }

 private:
  void escape() {
    const std::uint32_t begin = at_++;
    if (at_ >= end_) {
      value_ += '\\';
      return;
    }
    const char c = text_[at_++];
    switch (c) {
      case '\n':
        return;
      case 'x':
        return hexadecimal(begin, 2);
      case 'u':
        return is_bytes ? keep_backslash() : hexadecimal(begin, 4);
      case 'U':
        return is_bytes ? keep_backslash() : hexadecimal(begin, 8);
      case 'N':
        return is_bytes ? keep_backslash() : named(begin);
      default:
        break;
    }
    if (c >= '0' && c <= '7') return octal(c);
    static constexpr std::string_view letters = "\\'\"abfnrtv", meanings = "\\'\"\a\b\f\n\r\t\v";
    const std::size_t known = letters.find(c);
    if (known == std::string_view::npos) return keep_backslash();
    value_ += meanings[known];
  }

  /// Python keeps the backslash of an escape that it does not know.
  void keep_backslash() {
    value_ += '\\';
    --at_;
  }

  void append(std::uint32_t code) {
    if (is_bytes) {
      value_ += static_cast<char>(code);
    } else {
      append_utf8_character(value_, code);
    }
  }

  void octal(char first) {
    std::uint32_t code = static_cast<std::uint32_t>(first - '0');
    for (int i = 0; i < 2 && at_ < end_ && text_[at_] >= '0' && text_[at_] <= '7'; ++i)
      code = code * 8 + static_cast<std::uint32_t>(text_[at_++] - '0');
    append(code);
  }

  void hexadecimal(std::uint32_t begin, int digits) {
    std::uint32_t code = 0;
    for (int i = 0; i < digits; ++i) {
      const int digit = at_ < end_ ? hexadecimal_digit(text_[at_]) : -1;
      if (digit < 0)
        throw SyntaxError({begin, at_},
                          fmt::format("`{}` is followed by {} hexadecimal digits, not by {}",
                                      text_.substr(begin, 2), digits, i),
                          "write \\\\ for a backslash, or r before the string");
      code = code * 16 + static_cast<std::uint32_t>(digit);
      ++at_;
    }
    if (code > 0x10ffff)
      throw SyntaxError({begin, at_},
                        "there is no such character in Unicode: the last is U+10FFFF");
    append(code);
  }

  void named(std::uint32_t begin) {
    const std::size_t close = text_.substr(0, end_).find('}', at_);
    if (at_ >= end_ || text_[at_] != '{' || close == std::string_view::npos || close == at_ + 1)
      throw SyntaxError({begin, at_}, "`\\N` is followed by the name of a character in braces",
                        "write \\\\ for a backslash, or r before the string");
    const std::string_view name = text_.substr(at_ + 1, close - at_ - 1);
    at_ = static_cast<std::uint32_t>(close) + 1;
    append(character_named(name, {begin, at_}));
  }

  std::string_view text_;
  std::uint32_t at_, end_;
  std::string value_;
};

}  // namespace

StringValue string_value(std::string_view text, std::uint32_t begin, std::uint32_t end) {
  StringValue result;
  std::uint32_t at = begin;
  bool raw = false;
  for (; text[at] != '"' && text[at] != '\''; ++at) {
    const char letter = static_cast<char>(text[at] | 0x20);
    result.is_bytes |= letter == 'b';
    raw |= letter == 'r';
  }
  const bool triple = end - at >= 6 && text[at + 1] == text[at] && text[at + 2] == text[at];
  const std::uint32_t quotes = triple ? 3 : 1;
  EscapeDecoder decoder(text, at + quotes, end - quotes);
  decoder.is_bytes = result.is_bytes;
  decoder.is_raw = raw;
  if (result.is_bytes)
    for (std::uint32_t i = at; i < end; ++i)
      if (static_cast<unsigned char>(text[i]) >= 0x80)
        throw SyntaxError({i, i + utf8_character(text, i).length},
                          "bytes are written with ASCII characters only",
                          "write its \\x… codes, or leave out the b before the quotes");
  result.value = decoder.decoded();
  return result;
}

std::string f_string_text(std::string_view text, std::uint32_t begin, std::uint32_t end, bool raw,
                          bool doubled_braces) {
  EscapeDecoder decoder(text, begin, end);
  decoder.is_raw = raw;
  decoder.doubled_braces = doubled_braces;
  return decoder.decoded();
}

}  // namespace gradient_check::python
