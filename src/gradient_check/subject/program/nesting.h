#pragma once

#include "gradient_check/subject/program/syntax.h"

namespace gradient_check {

/// How deep brackets, operators and blocks may stand in each other. Parsers, and whatever walks
/// their trees, recurse: hostile text must not be able to overflow the stack.
constexpr int most_nesting = 200;
/// How high a tree may be: a sum of many terms is a tree that leans to the left, one level a term.
constexpr int most_height = 1000;

/// One more level for as long as it lives. Throws SyntaxError beyond most_nesting.
class Nesting {
 public:
  explicit Nesting(int& depth) : depth_(depth) {
    if (depth_ >= most_nesting) throw SyntaxError("nested more than 200 deep");
    ++depth_;
  }
  ~Nesting() { --depth_; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;

 private:
  int& depth_;
};

/// Throws SyntaxError where the tree is higher than `most`.
inline void check_height(const Expr& expression, int most = most_height) {
  if (most == 0) throw SyntaxError("an expression of more than 1000 levels");
  for (const Expr& child : expression.children) check_height(child, most - 1);
}

}  // namespace gradient_check
