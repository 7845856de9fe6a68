#pragma once

#include <string>
#include <vector>

#include "gradient_check/subject/program/syntax.h"

namespace gradient_check {

struct Token {
  enum class Kind { name, number, string, op, newline, indent, dedent, end };
  Kind kind = Kind::end;
  Span span;
  std::string text;
  std::size_t line = 0;  ///< from 1
};

/// Python's tokens. Newlines inside brackets, comments and blank lines give none.
std::vector<Token> tokenize(const std::string& text);

}  // namespace gradient_check
