#include "gradient_check/python/syntax/unicode_identifiers.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "gradient_check/python/syntax/unicode_tables.h"

namespace gradient_check::python {
namespace {

using unicode_tables::compatibility_forms;
using unicode_tables::identifier_runs;
using unicode_tables::ligatures;

/// 0: in no name, 1: not first in one, 2: anywhere.
unsigned identifier_class(std::uint32_t code) {
  // Where each run begins.
  static constexpr auto starts = [] {
    std::array<std::uint32_t, std::size(identifier_runs)> result{};
    std::uint32_t at = 0x80;
    for (std::size_t i = 0; i < result.size(); ++i) {
      result[i] = at;
      at += identifier_runs[i] / 4;
    }
    return result;
  }();
  const auto after = std::upper_bound(starts.begin(), starts.end(), code);
  if (after == starts.begin()) return 0;
  const std::size_t run = static_cast<std::size_t>(after - starts.begin()) - 1;
  if (code - starts[run] >= identifier_runs[run] / 4) return 0;
  return identifier_runs[run] % 4;
}

bool is_ascii_letter(std::uint32_t code) {
  return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') || code == '_';
}

void append_normalized(std::string& name, std::uint32_t code) {
  const auto* const ligature = std::lower_bound(
      std::begin(ligatures), std::end(ligatures), code,
      [](const unicode_tables::Ligature& entry, std::uint32_t c) { return entry.character < c; });
  if (ligature != std::end(ligatures) && ligature->character == code) {
    name += ligature->text;
    return;
  }
  const auto* const after = std::upper_bound(
      std::begin(compatibility_forms), std::end(compatibility_forms), code,
      [](std::uint32_t c, const unicode_tables::Mapping& entry) { return c < entry.first; });
  if (after != std::begin(compatibility_forms)) {
    const unicode_tables::Mapping& entry = *(after - 1);
    if (code - entry.first < entry.length) code = entry.target + (code - entry.first);
  }
  append_utf8_character(name, code);
}

}  // namespace

Utf8Character utf8_character(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size()
               ? static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + i]))
               : 0u;
  };
  const std::uint32_t first = byte(0);
  if (first < 0xc0) return {first, 1};
  if (first < 0xe0) return {(first & 0x1f) << 6 | (byte(1) & 0x3f), 2};
  if (first < 0xf0) return {(first & 0xf) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f), 3};
  return {(first & 7) << 18 | (byte(1) & 0x3f) << 12 | (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f), 4};
}

void append_utf8_character(std::string& text, std::uint32_t code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static constexpr unsigned marks[] = {0, 0xc0, 0xe0, 0xf0};
  text += static_cast<char>(marks[more] | code >> (6 * more));
  for (int i = more - 1; i >= 0; --i) text += static_cast<char>(0x80 | (code >> (6 * i) & 0x3f));
}

bool starts_name(std::uint32_t code) {
  return code < 0x80 ? is_ascii_letter(code) : identifier_class(code) == 2;
}

bool continues_name(std::uint32_t code) {
  if (code < 0x80) return is_ascii_letter(code) || (code >= '0' && code <= '9');
  return identifier_class(code) != 0;
}

std::string normalized_name(std::string_view name) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::all_of(name.begin(), name.end(), is_ascii)) return std::string(name);
  std::string result;
  for (std::size_t at = 0; at < name.size();) {
    const Utf8Character character = utf8_character(name, at);
    append_normalized(result, character.code);
    at += character.length;
  }
  return result;
}

}  // namespace gradient_check::python
