#pragma once

#include <string>
#include <vector>

#include "gradient_check/subject/program/syntax.h"

namespace gradient_check {

/// A function of the given lines, and the text that its spans refer to.
struct Parsed {
  explicit Parsed(const std::string& lines) : text("import torch\n\ndef f(x, y):\n") {
    std::size_t begin = 0;
    while (begin < lines.size()) {
      const std::size_t end = lines.find('\n', begin);
      text += "    " + lines.substr(begin, end - begin) + "\n";
      begin = end == std::string::npos ? lines.size() : end + 1;
    }
    body = parse_functions(text).at(0).body;
  }

  std::string operator()(const Span& span) const {
    return text.substr(span.begin, span.end - span.begin);
  }
  std::string operator()(const Expr& expr) const { return (*this)(expr.span); }
  std::string operator()(const Statement& statement) const { return (*this)(statement.span); }
  /// The pieces of an expression's children.
  std::vector<std::string> children(const Expr& expr) const {
    std::vector<std::string> pieces;
    for (const Expr& child : expr.children) pieces.push_back((*this)(child));
    return pieces;
  }

  std::string text;
  std::vector<Statement> body;
};

}  // namespace gradient_check
