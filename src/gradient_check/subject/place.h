#pragma once

#include <cstddef>
#include <string>

namespace gradient_check {

/// A place in what the user wrote. Lines and columns count from 1; 0 means unknown.
struct Place {
  std::string file;
  std::size_t line = 0;
  std::size_t column = 0;
  std::size_t width = 1;    ///< characters that the carets underline
  std::string source_line;  ///< the text of that line, for the carets
};

}  // namespace gradient_check
