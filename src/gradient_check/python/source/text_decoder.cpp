#include "gradient_check/python/source/text_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "gradient_check/python/source/source_error.h"

namespace gradient_check::python {
namespace {

enum class Encoding { utf8, latin1, windows1252, other };

/// The name in a line like `# -*- coding: latin-1 -*-`, or "".
std::string coding_name(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t\f");
  if (first == std::string_view::npos || line[first] != '#') return "";
  std::size_t at = line.find("coding");
  if (at == std::string_view::npos) return "";
  at += 6;
  if (at >= line.size() || (line[at] != ':' && line[at] != '=')) return "";
  ++at;
  while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
  std::string name;
  for (; at < line.size(); ++at) {
    const char c = line[at];
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_' && c != '.') break;
    name += c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return name;
}

/// From the first line, or the second if the first is only a comment.
std::string declared_coding(std::string_view text) {
  for (int i = 0; i < 2; ++i) {
    const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
    const std::string name = coding_name(line);
    if (!name.empty()) return name;
    const std::size_t first = line.find_first_not_of(" \t\f");
    if (first != std::string_view::npos && line[first] != '#') return "";
    if (line.size() == text.size()) return "";
    const bool two = text.compare(line.size(), 2, "\r\n") == 0;
    text.remove_prefix(line.size() + (two ? 2 : 1));
  }
  return "";
}

Encoding encoding_named(const std::string& name) {
  const auto is_or_begins = [&](std::string_view known) {
    return name == known || name.rfind(std::string(known) + "-", 0) == 0;
  };
  if (name.empty() || is_or_begins("utf-8") || name == "utf8" || is_or_begins("ascii") ||
      name == "us-ascii")
    return Encoding::utf8;
  if (is_or_begins("latin-1") || is_or_begins("iso-8859-1") || is_or_begins("iso-latin-1") ||
      name == "latin1" || name == "iso8859-1" || name == "l1")
    return Encoding::latin1;
  if (name == "cp1252" || name == "windows-1252") return Encoding::windows1252;
  return Encoding::other;
}

void append_utf8(std::string& text, unsigned code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xc0 | code >> 6);
    text += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    text += static_cast<char>(0xe0 | code >> 12);
    text += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    text += static_cast<char>(0x80 | (code & 0x3f));
  }
}

std::string from_single_bytes(std::string_view bytes, Encoding encoding) {
  // Windows-1252 is Latin-1 but for 0x80 … 0x9f.
  static constexpr std::array<unsigned, 32> windows{
      0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
      0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
      0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};
  std::string text;
  for (const char c : bytes) {
    const unsigned code = static_cast<unsigned char>(c);
    const bool moved = encoding == Encoding::windows1252 && code >= 0x80 && code < 0xa0;
    append_utf8(text, moved ? windows[code - 0x80] : code);
  }
  return text;
}

/// Bytes of the valid UTF-8 character at `at`, or 0.
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first < 0xf0) {
    const bool overlong = first == 0xe0 && byte(1) < 0xa0;
    const bool surrogate = first == 0xed && byte(1) >= 0xa0;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xf0 && first < 0xf5) {
    const bool overlong = first == 0xf0 && byte(1) < 0x90;
    const bool beyond = first == 0xf4 && byte(1) >= 0x90;
    return follows(1) && follows(2) && follows(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

[[noreturn]] void fail_at(const std::string& label, std::string_view text, std::size_t at,
                          const std::string& message) {
  const auto line = std::count(text.begin(), text.begin() + static_cast<long>(at), '\n') + 1;
  throw SourceError(fmt::format("{}:{}: {}", label, line, message));
}

void check_characters(const std::string& label, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] > '\0' && static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    if (text[at] == '\0') fail_at(label, text, at, "a null character, which no program text has");
    const std::size_t length = utf8_length(text, at);
    if (length == 0)
      fail_at(
          label, text, at,
          fmt::format("the byte 0x{:02x} is no UTF-8; save the file as UTF-8, or name its coding "
                      "in the first line: # -*- coding: latin-1 -*-",
                      static_cast<unsigned char>(text[at])));
    at += length;
  }
}

}  // namespace

std::string with_unix_line_ends(std::string_view text) {
  if (text.find('\r') == std::string_view::npos) return std::string(text);
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      result += text[i];
    } else {
      result += '\n';
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
    }
  }
  return result;
}

std::string decode_text(const std::string& label, std::string_view bytes) {
  if (bytes.size() > longest_source)
    throw SourceError(fmt::format("{}: {} bytes of program text; at most {} are read", label,
                                  bytes.size(), longest_source));
  if (bytes.compare(0, 3, "\xef\xbb\xbf") == 0) bytes.remove_prefix(3);
  const std::string coding = declared_coding(bytes);
  const Encoding encoding = encoding_named(coding);
  const bool ascii = std::all_of(bytes.begin(), bytes.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  std::string text = with_unix_line_ends(bytes);
  if (encoding == Encoding::other && !ascii)
    throw SourceError(
        fmt::format("{}:1: the coding '{}' is not read; save the file as UTF-8", label, coding));
  if (encoding == Encoding::latin1 || encoding == Encoding::windows1252)
    text = from_single_bytes(text, encoding);
  check_characters(label, text);
  return text;
}

}  // namespace gradient_check::python
