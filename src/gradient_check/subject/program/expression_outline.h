#pragma once

#include <string_view>

#include "gradient_check/python/syntax/expression.h"
#include "gradient_check/subject/program/syntax.h"

namespace gradient_check {

/// Makes Exprs of the expressions of a tree.
class ExpressionOutline {
 public:
  /// `code`: what was parsed.
  explicit ExpressionOutline(std::string_view code) : code_(code) {}

  /// With the parentheses around it.
  Expr of(const python::ast::ExpressionPtr& expression) const;
  /// All that a node is made of, of which only the names are of interest.
  template <typename Node>
  Expr other(const Node& node) const;

  // A form each; span is the expression's.
  Expr form(const python::ast::Name& name, Span span) const;
  Expr form(const python::ast::Constant& constant, Span span) const;
  Expr form(const python::ast::Attribute& attribute, Span span) const;
  Expr form(const python::ast::Call& call, Span span) const;
  Expr form(const python::ast::BinOp& operation, Span span) const;
  Expr form(const python::ast::UnaryOp& operation, Span span) const;
  Expr form(const python::ast::BoolOp& operation, Span span) const;
  Expr form(const python::ast::Compare& comparison, Span span) const;
  Expr form(const python::ast::Subscript& subscript, Span span) const;
  Expr form(const python::ast::Slice& slice, Span span) const;
  Expr form(const python::ast::Tuple& tuple, Span span) const;
  Expr form(const python::ast::List& list, Span span) const;
  Expr form(const python::ast::Starred& starred, Span span) const;
  Expr form(const python::ast::IfExp& choice, Span span) const;
  Expr form(const python::ast::Dict& dict, Span span) const;
  Expr form(const python::ast::ListComp& list, Span span) const;
  Expr form(const python::ast::GeneratorExp& generator, Span span) const;
  template <typename Form>
  Expr form(const Form& form, Span span) const;

 private:
  Expr parenthesized(Expr inner, Span outer) const;
  Expr comprehension(const python::ast::ExpressionPtr& element,
                     const std::vector<python::ast::Comprehension>& generators, Span span) const;
  Expr binary(Expr left, std::string op, Span op_span, Expr right) const;
  void arguments(const python::ast::Call& call, Expr& into) const;
  /// The first place in [begin, end) that is no blank, comment or continuation.
  std::size_t after_gap(std::size_t begin, std::size_t end) const;

  std::string_view code_;
};

}  // namespace gradient_check
