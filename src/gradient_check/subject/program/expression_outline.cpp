#include "gradient_check/subject/program/expression_outline.h"

#include <algorithm>
#include <utility>

#include "gradient_check/python/syntax/children.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;

Span as_span(python::Span span) { return {span.begin, span.end}; }

Expr made_expr(ExprKind kind, Span span, std::string text = "") {
  Expr expr;
  expr.kind = kind;
  expr.span = span;
  expr.text = std::move(text);
  return expr;
}

}  // namespace

Expr ExpressionOutline::of(const ast::ExpressionPtr& expression) const {
  const Span span = as_span(expression->span);
  Expr expr = std::visit([&](const auto& each) { return form(each, span); }, expression->form);
  if (expr.id == python::ast::no_id) expr.id = expression->id;
  return expression->is_parenthesized() && !expression->as<ast::GeneratorExp>()
             ? parenthesized(std::move(expr), as_span(expression->outer))
             : expr;
}

template <typename Node>
Expr ExpressionOutline::other(const Node& node) const {
  Expr expr = made_expr(ExprKind::other, {});
  if constexpr (requires { node.span; }) expr.span = as_span(node.span);
  ast::for_each_child(node, [&](const auto& child) {
    if constexpr (std::is_same_v<std::decay_t<decltype(child)>, ast::ExpressionPtr>)
      expr.children.push_back(of(child));
    else
      expr.children.push_back(other(*child));
  });
  return expr;
}

template Expr ExpressionOutline::other(const ast::Statement&) const;

template <typename Form>
Expr ExpressionOutline::form(const Form& form, Span span) const {
  Expr expr = other(form);
  expr.span = span;
  return expr;
}

std::size_t ExpressionOutline::after_gap(std::size_t begin, std::size_t end) const {
  while (begin < end && std::string_view(" \t\r\n\f\\#").find(code_[begin]) != code_.npos)
    begin = code_[begin] == '#' ? std::min(end, code_.find('\n', begin)) : begin + 1;
  return begin;
}

/// One node for each pair of parentheses between an expression and all of them.
Expr ExpressionOutline::parenthesized(Expr inner, Span outer) const {
  std::vector<std::size_t> opened, closed;
  for (std::size_t at = outer.begin; (at = after_gap(at, inner.span.begin)) < inner.span.begin;
       ++at)
    opened.push_back(at);
  for (std::size_t at = inner.span.end; (at = after_gap(at, outer.end)) < outer.end; ++at)
    closed.push_back(at + 1);
  for (std::size_t i = 0; i < std::min(opened.size(), closed.size()); ++i) {
    Expr around = made_expr(ExprKind::paren, {opened[opened.size() - 1 - i], closed[i]});
    around.id = inner.id;
    around.children.push_back(std::move(inner));
    inner = std::move(around);
  }
  return inner;
}

Expr ExpressionOutline::form(const ast::Name& name, Span span) const {
  return made_expr(ExprKind::name, span, name.id);
}

Expr ExpressionOutline::form(const ast::Constant& constant, Span span) const {
  const std::string text(code_.substr(span.begin, span.end - span.begin));
  const ast::ConstantValue& value = constant.value;
  const bool is_literal = std::holds_alternative<ast::NoneConstant>(value) ||
                          std::holds_alternative<bool>(value) ||
                          std::holds_alternative<ast::EllipsisConstant>(value);
  const bool is_text =
      std::holds_alternative<std::string>(value) || std::holds_alternative<ast::Bytes>(value);
  return made_expr(is_literal ? ExprKind::literal
                   : is_text  ? ExprKind::string
                              : ExprKind::number,
                   span, text);
}

Expr ExpressionOutline::form(const ast::Attribute& attribute, Span span) const {
  Expr expr = made_expr(ExprKind::attribute, span, attribute.attr);
  expr.op = as_span(attribute.attr_span);
  expr.children.push_back(of(attribute.value));
  return expr;
}

Expr ExpressionOutline::form(const ast::Call& call, Span span) const {
  Expr expr = made_expr(ExprKind::call, span);
  expr.children.push_back(of(call.func));
  arguments(call, expr);
  return expr;
}

void ExpressionOutline::arguments(const ast::Call& call, Expr& into) const {
  for (const ast::ExpressionPtr& argument : call.args) into.children.push_back(of(argument));
  for (const ast::Keyword& keyword : call.keywords) {
    Expr value = of(keyword.value);
    Expr expr =
        made_expr(keyword.arg ? ExprKind::keyword : ExprKind::starred,
                  {keyword.arg ? keyword.arg_span.begin : keyword.span.begin, value.span.end},
                  keyword.arg.value_or(""));
    expr.op = as_span(keyword.arg_span);
    expr.children.push_back(std::move(value));
    into.children.push_back(std::move(expr));
  }
  std::sort(into.children.begin() + 1, into.children.end(),
            [](const Expr& a, const Expr& b) { return a.span.begin < b.span.begin; });
}

Expr ExpressionOutline::binary(Expr left, std::string op, Span op_span, Expr right) const {
  Expr expr = made_expr(ExprKind::binary, {left.span.begin, right.span.end}, std::move(op));
  expr.op = op_span;
  expr.children.push_back(std::move(left));
  expr.children.push_back(std::move(right));
  return expr;
}

Expr ExpressionOutline::form(const ast::BinOp& operation, Span) const {
  return binary(of(operation.left), std::string(to_text(operation.op)), as_span(operation.op_span),
                of(operation.right));
}

Expr ExpressionOutline::form(const ast::UnaryOp& operation, Span span) const {
  Expr expr = made_expr(ExprKind::unary, span, std::string(to_text(operation.op)));
  expr.op = as_span(operation.op_span);
  expr.children.push_back(of(operation.operand));
  return expr;
}

Expr ExpressionOutline::form(const ast::BoolOp& operation, Span) const {
  const std::string text(to_text(operation.op));
  Expr expr = of(operation.values.at(0));
  for (std::size_t i = 1; i < operation.values.size(); ++i) {
    Expr next = of(operation.values[i]);
    const std::size_t op = after_gap(expr.span.end, next.span.begin);
    expr = binary(std::move(expr), text, {op, op + text.size()}, std::move(next));
  }
  return expr;
}

Expr ExpressionOutline::form(const ast::Compare& comparison, Span) const {
  Expr expr = of(comparison.left);
  for (const ast::Comparator& comparator : comparison.comparators)
    expr = binary(std::move(expr), std::string(to_text(comparator.op)), as_span(comparator.op_span),
                  of(comparator.value));
  return expr;
}

Expr ExpressionOutline::form(const ast::Subscript& subscript, Span span) const {
  Expr expr = made_expr(ExprKind::subscript, span);
  expr.children.push_back(of(subscript.value));
  Expr index = of(subscript.slice);
  if (index.is(ExprKind::tuple))
    std::move(index.children.begin(), index.children.end(), std::back_inserter(expr.children));
  else
    expr.children.push_back(std::move(index));
  return expr;
}

Expr ExpressionOutline::form(const ast::Slice& slice, Span span) const {
  Expr expr = made_expr(ExprKind::slice, span);
  const auto add = [&](const ast::ExpressionPtr& bound) {
    expr.children.push_back(bound ? of(bound) : made_expr(ExprKind::absent, {span.end, span.end}));
  };
  add(slice.lower);
  add(slice.upper);
  if (slice.step) add(slice.step);
  return expr;
}

/// The tuple itself stands inside its parentheses.
Expr ExpressionOutline::form(const ast::Tuple& tuple, Span span) const {
  Expr expr = made_expr(ExprKind::tuple, span);
  for (const ast::ExpressionPtr& element : tuple.elts) expr.children.push_back(of(element));
  const bool own = code_[span.begin] == '(' &&
                   (expr.children.empty() || expr.children[0].span.begin > span.begin);
  if (!own) return expr;
  expr.span = {span.begin + 1, span.begin + 1};
  if (!expr.children.empty()) {
    expr.span = {expr.children.front().span.begin, expr.children.back().span.end};
    const std::size_t comma = after_gap(expr.span.end, span.end);
    if (code_[comma] == ',') expr.span.end = comma + 1;
  }
  Expr around = made_expr(ExprKind::paren, span);
  around.children.push_back(std::move(expr));
  return around;
}

Expr ExpressionOutline::form(const ast::List& list, Span span) const {
  Expr expr = made_expr(ExprKind::list, span);
  for (const ast::ExpressionPtr& element : list.elts) expr.children.push_back(of(element));
  return expr;
}

Expr ExpressionOutline::form(const ast::Starred& starred, Span span) const {
  Expr expr = made_expr(ExprKind::starred, span);
  expr.children.push_back(of(starred.value));
  return expr;
}

Expr ExpressionOutline::form(const ast::IfExp& choice, Span span) const {
  Expr expr = made_expr(ExprKind::ternary, span);
  for (const auto* part : {&choice.body, &choice.test, &choice.orelse})
    expr.children.push_back(of(*part));
  return expr;
}

Expr ExpressionOutline::form(const ast::Dict& dict, Span span) const {
  Expr expr = made_expr(ExprKind::dict, span);
  for (const ast::DictItem& item : dict.items) {
    Expr value = of(item.value);
    expr.children.push_back(
        item.key ? of(item.key)
                 : made_expr(ExprKind::absent, {value.span.begin, value.span.begin}));
    expr.children.push_back(std::move(value));
  }
  return expr;
}

Expr ExpressionOutline::comprehension(const ast::ExpressionPtr& element,
                                      const std::vector<ast::Comprehension>& generators,
                                      Span span) const {
  Expr expr = made_expr(ExprKind::comprehension, span);
  expr.children.push_back(of(element));
  for (const ast::Comprehension& generator : generators) {
    expr.children.push_back(of(generator.target));
    expr.children.push_back(of(generator.iter));
    for (const ast::ExpressionPtr& condition : generator.ifs)
      expr.children.push_back(of(condition));
  }
  return expr;
}

Expr ExpressionOutline::form(const ast::ListComp& list, Span span) const {
  Expr inner = comprehension(list.elt, list.generators, span);
  inner.span = {inner.children.front().span.begin, inner.children.back().span.end};
  Expr expr = made_expr(ExprKind::list, span);
  expr.children.push_back(std::move(inner));
  return expr;
}

Expr ExpressionOutline::form(const ast::GeneratorExp& generator, Span span) const {
  Expr inner = comprehension(generator.elt, generator.generators, span);
  inner.span = {inner.children.front().span.begin, inner.children.back().span.end};
  Expr around = made_expr(ExprKind::paren, span);
  around.children.push_back(std::move(inner));
  return around;
}

}  // namespace gradient_check
