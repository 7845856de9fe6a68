#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gradient_check/python/syntax/precedence.h"
#include "gradient_check/python/syntax/tree.h"

namespace gradient_check::python {

/// Appends expressions to a text, with the parentheses that precedence asks for. With a source,
/// what is as parsed and stands on one line is copied from there.
class ExpressionPrinter {
 public:
  ExpressionPrinter(std::string& out, const SourceText* source) : out_(out), source_(source) {}

  /// In parentheses if it binds weaker than `least`.
  void print(const ast::Expression& expression, Precedence least = Precedence::Test);
  /// Where a tuple needs no parentheses.
  void print_star_expressions(const ast::Expression& expression);
  /// Where neither a tuple nor `yield` does.
  void print_right_side(const ast::Expression& expression);
  void print_list(const std::vector<ast::ExpressionPtr>& expressions);
  void print_parameters(const std::vector<ast::Parameter>& parameters);
  /// What stands between a call's parentheses.
  void print_arguments(const std::vector<ast::ExpressionPtr>& args,
                       const std::vector<ast::Keyword>& keywords);
  void print_form(const ast::Expression& expression);

  /// Of this child, while its parent is printed, the text is also stored there.
  void capture(const ast::Expression* child, std::string* text) {
    captured_ = child;
    captured_text_ = text;
  }

 private:
  struct Forms;

  bool copy_from_source(const ast::Expression& expression, Precedence least);
  void print_elements(const std::vector<ast::ExpressionPtr>& elements);
  void print_call(const ast::Call& call);
  void print_subscript(const ast::Subscript& subscript);
  void print_slice(const ast::Slice& slice);
  void print_binary(const ast::BinOp& operation);
  void print_unary(const ast::UnaryOp& operation);
  void print_boolean(const ast::BoolOp& operation);
  void print_compare(const ast::Compare& compare);
  void print_dict(const ast::Dict& dict);
  void print_lambda(const ast::Lambda& lambda);
  void print_comprehensions(const std::vector<ast::Comprehension>& generators);
  void print_f_string(const ast::JoinedStr& string);
  void print_f_string_parts(const ast::JoinedStr& string, char quote, bool in_format);
  void print_field(const ast::FormattedValue& field, char quote);

  std::string& out_;
  const SourceText* source_;
  const ast::Expression* captured_ = nullptr;
  std::string* captured_text_ = nullptr;
  /// Strings within an f-string's fields take the other quote; 0 outside of them.
  char quote_ = 0;
};

}  // namespace gradient_check::python
