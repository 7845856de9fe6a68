#pragma once

#include <cstdint>
#include <string_view>

namespace gradient_check::python {

/// Throws the SyntaxError for a character that begins no token: says which it is and, where it
/// looks like one that does, which to write.
[[noreturn]] void fail_invalid_character(std::string_view text, std::uint32_t at);

}  // namespace gradient_check::python
