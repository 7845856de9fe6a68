#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gradient_check::python {

/// The longest program text, in bytes.
constexpr std::size_t longest_source = 4u << 20;

/// The bytes of a file as SourceText wants them: without byte order mark, in UTF-8 (from Latin-1
/// or Windows-1252 where a coding line says so), lines ended by '\n'. Throws SourceError, with the
/// line, for what is no text: another coding, invalid UTF-8, null characters, too much of it.
std::string decode_text(const std::string& label, std::string_view bytes);

/// "\r\n" and "\r" become "\n".
std::string with_unix_line_ends(std::string_view text);

}  // namespace gradient_check::python
