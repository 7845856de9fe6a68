#pragma once

#include <fmt/format.h>

#include <cstddef>

#include "gradient_check/subject/program/syntax.h"

namespace gradient_check {

/// How deep brackets, operators and blocks may stand in each other. Parsers, and whatever walks
/// their trees, recurse: hostile text must not be able to overflow the stack.
constexpr int most_nesting = 200;
/// How high a tree may be: a sum of many terms is a tree that leans to the left, one level a term.
constexpr int most_height = 1000;

/// Text nested deeper than that.
class NestingError : public SyntaxError {
 public:
  NestingError(std::size_t line, const char* what, int most)
      : SyntaxError(fmt::format("{} more than {} deep", what, most)), line_(line) {}
  std::size_t line() const { return line_; }

 private:
  std::size_t line_;
};

/// One more level for as long as it lives. Throws NestingError beyond most_nesting.
class Nesting {
 public:
  Nesting(int& depth, std::size_t line) : depth_(depth) {
    if (depth_ >= most_nesting) throw NestingError(line, "nested", most_nesting);
    ++depth_;
  }
  ~Nesting() { --depth_; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;

 private:
  int& depth_;
};

/// Throws NestingError where the tree is higher than `most`.
inline void check_height(const Expr& expression, std::size_t line, int most = most_height) {
  if (most == 0) throw NestingError(line, "an expression", most_height);
  for (const Expr& child : expression.children) check_height(child, line, most - 1);
}

}  // namespace gradient_check
