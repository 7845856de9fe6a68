#include "gradient_check/report/printable.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace gradient_check {
namespace {

/// The character of two or three bytes of UTF-8 that begins a text, and how many; else none.
std::pair<unsigned, std::size_t> long_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xc0U) == 0x80; };
  if ((byte(0) & 0xe0U) == 0xc0 && follows(1))
    return {(byte(0) & 0x1fU) << 6U | (byte(1) & 0x3fU), 2};
  if ((byte(0) & 0xf0U) == 0xe0 && follows(1) && follows(2))
    return {(byte(0) & 0x0fU) << 12U | (byte(1) & 0x3fU) << 6U | (byte(2) & 0x3fU), 3};
  return {0, 0};
}

/// C1 controls, which some terminals obey, and what Unicode has to reorder text or to break lines.
bool is_steering(unsigned character) {
  const auto within = [&](unsigned first, unsigned last) {
    return first <= character && character <= last;
  };
  return within(0x80, 0x9f) || character == 0x61c || within(0x200e, 0x200f) ||
         within(0x2028, 0x202e) || within(0x2066, 0x2069);
}

bool begins_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

}  // namespace

std::string printable(const std::string& text) {
  std::string result;
  bool at_start = true;  // of a line, but for blanks
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view rest = std::string_view(text).substr(i);
    const auto byte = static_cast<unsigned char>(rest[0]);
    const auto [character, bytes] = long_character(rest);
    const bool control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f;
    if (bytes > 0 && is_steering(character))
      result += fmt::format("\\u{:04x}", character);
    else if (control || begins_with(rest, "##[") || (at_start && begins_with(rest, "::")))
      result += fmt::format("\\x{:02x}", byte);
    else
      result += rest.substr(0, bytes > 0 ? bytes : 1);
    at_start = byte == '\n' || (at_start && (byte == ' ' || byte == '\t'));
    i += bytes > 0 ? bytes : 1;
  }
  return result;
}

std::string one_line(const std::string& text) {
  std::string result;
  for (const char c : printable(text)) {
    if (c == '\n')
      result += "\\n";
    else
      result += c;
  }
  return result;
}

}  // namespace gradient_check
