#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gradient_check::python {

/// What a string's token stands for.
struct StringValue {
  bool is_bytes = false;
  std::string value;
};

/// The value of the String token at [begin, end) of `text`. Throws SyntaxError for broken escapes
/// and for bytes beyond ASCII.
StringValue string_value(std::string_view text, std::uint32_t begin, std::uint32_t end);

/// The value of an f-string's literal characters [begin, end). `doubled_braces` is false in a
/// format specification.
std::string f_string_text(std::string_view text, std::uint32_t begin, std::uint32_t end, bool raw,
                          bool doubled_braces);

}  // namespace gradient_check::python
