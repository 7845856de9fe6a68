#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gradient_check::python {

/// The character at `at` of valid UTF-8, and how many bytes it has.
struct Utf8Character {
  std::uint32_t code = 0;
  std::uint32_t length = 1;
};
Utf8Character utf8_character(std::string_view text, std::size_t at);

/// Appends a character; also a lone surrogate, as three bytes.
void append_utf8_character(std::string& text, std::uint32_t code);

/// Python's rules for names: XID_Start and XID_Continue of Unicode 15.
bool starts_name(std::uint32_t code);
bool continues_name(std::uint32_t code);

/// A name as Python compares it: compatibility forms (the 𝜎 of mathematics, ϵ, ﬁ) become plain
/// ones, as under NFKC. Not composed: letters with separate combining marks, CJK and Arabic
/// compatibility forms.
std::string normalized_name(std::string_view name);

}  // namespace gradient_check::python
