#pragma once

#include <string>

namespace gradient_check::app {

/// Writes a commented case file and, beside it, its program: a small network to be replaced by
/// one's own. Overwrites nothing. Returns what to tell the user; throws OutputError.
std::string write_starter(const std::string& case_file);

}  // namespace gradient_check::app
