#include "gradient_check/python/syntax/literal_text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "gradient_check/python/syntax/unicode_identifiers.h"

namespace gradient_check::python {
namespace {

void append_escaped_byte(std::string& text, char c, char quote) {
  switch (c) {
    case '\\':
      text += "\\\\";
      return;
    case '\n':
      text += "\\n";
      return;
    case '\r':
      text += "\\r";
      return;
    case '\t':
      text += "\\t";
      return;
    default:
      break;
  }
  if (c == quote) {
    text += '\\';
    text += c;
  } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
    text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  } else {
    text += c;
  }
}

/// Appends the character at `at`, returns how many bytes it has.
std::size_t append_escaped(std::string& text, std::string_view value, std::size_t at, char quote) {
  if (static_cast<unsigned char>(value[at]) < 0x80) {
    append_escaped_byte(text, value[at], quote);
    return 1;
  }
  const Utf8Character character = utf8_character(value, at);
  const bool surrogate = character.code >= 0xd800 && character.code < 0xe000;
  const bool control = character.code < 0xa0;
  if (surrogate || control || character.code == 0xfeff) {
    text += fmt::format("\\u{:04x}", character.code);
  } else {
    text += value.substr(at, character.length);
  }
  return character.length;
}

char best_quote(std::string_view value, char quote) {
  if (quote != 0) return quote;
  return value.find('\'') != std::string_view::npos && value.find('"') == std::string_view::npos
             ? '"'
             : '\'';
}

std::string string_text(std::string_view value, char quote) {
  quote = best_quote(value, quote);
  std::string text(1, quote);
  for (std::size_t at = 0; at < value.size();) at += append_escaped(text, value, at, quote);
  return text + quote;
}

std::string bytes_text(std::string_view value, char quote) {
  quote = best_quote(value, quote);
  std::string text = std::string("b") + quote;
  for (const char c : value) {
    if (static_cast<unsigned char>(c) >= 0x80) {
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      append_escaped_byte(text, c, quote);
    }
  }
  return text + quote;
}

}  // namespace

std::string double_text(double value) {
  if (std::isnan(value)) return "float('nan')";
  // Python has no literal for infinity but one that overflows.
  if (std::isinf(value)) return value > 0 ? "1e999" : "-1e999";
  std::array<char, 32> digits;
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  std::string text(digits.data(), result.ptr);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string literal_text(const ast::ConstantValue& value, char quote) {
  struct Writer {
    char quote;
    std::string operator()(ast::NoneConstant) const { return "None"; }
    std::string operator()(ast::EllipsisConstant) const { return "..."; }
    std::string operator()(bool flag) const { return flag ? "True" : "False"; }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(const ast::BigInteger& number) const { return number.digits; }
    std::string operator()(double number) const { return double_text(number); }
    std::string operator()(ast::Imaginary number) const { return double_text(number.value) + "j"; }
    std::string operator()(const std::string& text) const { return string_text(text, quote); }
    std::string operator()(const ast::Bytes& bytes) const { return bytes_text(bytes.value, quote); }
  };
  return std::visit(Writer{quote}, value);
}

std::string f_string_literal_text(std::string_view value, char quote, bool in_format) {
  std::string text;
  for (std::size_t at = 0; at < value.size();) {
    const char c = value[at];
    if (c == '{' || c == '}') {
      text += in_format ? (c == '{' ? "\\x7b" : "\\x7d") : std::string(2, c);
      ++at;
    } else {
      at += append_escaped(text, value, at, quote);
    }
  }
  return text;
}

}  // namespace gradient_check::python
