#pragma once

#include <string>

namespace gradient_check {

/// Text from a case for people to read, in which nothing is a command to what shows it: control
/// characters other than newline and tab, and characters that reorder or break lines, are \xNN and
/// \uNNNN; so is one character of what GitHub's runner would obey, ## before [ and :: where a line
/// begins. UTF-8; other bytes stay as they are.
std::string printable(const std::string& text);
/// printable, on one line.
std::string one_line(const std::string& text);

}  // namespace gradient_check
