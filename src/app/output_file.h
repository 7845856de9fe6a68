#pragma once

#include <stdexcept>
#include <string>

namespace gradient_check::app {

/// A report could not be written; what() says where and why.
class OutputError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Writes a file whole or not at all: to a temporary name beside it, synced, then renamed. What is
/// there and is no file (a pipe, /dev/null) is written to. Throws OutputError.
void write_whole(const std::string& path, const std::string& text);

/// Writes to stdout; a closed pipe or a full disk is an OutputError.
void write_stdout(const std::string& text);

}  // namespace gradient_check::app
