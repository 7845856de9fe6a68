#pragma once

#include <string>

namespace gradient_check::app {

/// Writes a commented case file and, beside it, its program: a small network to be replaced by
/// one's own. Overwrites nothing. Returns what to tell the user; throws OutputError.
std::string write_starter(const std::string& case_file);

/// Writes the case that describes a program, which stands beside it or below. `draft`: its text.
/// Overwrites nothing. Throws OutputError.
std::string write_draft(const std::string& case_file, const std::string& draft);

}  // namespace gradient_check::app
