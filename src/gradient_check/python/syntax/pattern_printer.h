#pragma once

#include <string>
#include <vector>

#include "gradient_check/python/syntax/expression_printer.h"

namespace gradient_check::python {

/// Appends the patterns of `case` to a text.
class PatternPrinter {
 public:
  PatternPrinter(std::string& out, ExpressionPrinter& expressions)
      : out_(out), expressions_(expressions) {}

  void print(const ast::Pattern& pattern);

 private:
  /// In parentheses if it is an alternative or has a name.
  void print_closed(const ast::Pattern& pattern, bool alternatives_too);
  void print_list(const std::vector<ast::PatternPtr>& patterns);
  void print_or(const ast::MatchOr& pattern);
  void print_as(const ast::MatchAs& pattern);
  void print_mapping(const ast::MatchMapping& pattern);
  void print_class(const ast::MatchClass& pattern);

  std::string& out_;
  ExpressionPrinter& expressions_;
};

}  // namespace gradient_check::python
