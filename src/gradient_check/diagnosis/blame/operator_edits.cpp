#include "gradient_check/diagnosis/blame/editor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

namespace gradient_check {
namespace {

bool is_constant(const Expr& expr) {
  if (expr.is(ExprKind::number)) return true;
  return !expr.children.empty() && !expr.is(ExprKind::call) && !expr.is(ExprKind::subscript) &&
         std::all_of(expr.children.begin(), expr.children.end(), is_constant);
}

}  // namespace

void Editor::binary(const Expr& expr, int least) {
  const Expr& left = expr.children[0];
  const Expr& right = expr.children[1];
  const std::string& op = expr.text;
  const int own = strength_of(expr);
  enclosing_.push_back(raw(expr));
  if (op == "+" || op == "-") sum_of_two(expr, least);
  if (op == "*" || op == "/") product_of_two(expr, least);
  if (op == "@")
    add(expr, least, raw(right, product) + " @ " + raw(left, product + 1), product, Change::operand,
        2.2);
  if (op == "**") power_of(expr, least);
  comparison(expr);
  visit(left, own);
  visit(right, own + 1);
  enclosing_.pop_back();
}

void Editor::sum_of_two(const Expr& expr, int least) {
  const Expr& left = expr.children[0];
  const Expr& right = expr.children[1];
  const bool plus = expr.text == "+";
  add_at(expr.op, plus ? "-" : "+", Change::sign, 1, raw(expr),
         raw(left) + (plus ? " - " : " + ") + raw(right));
  if (!plus) add(expr, least, raw(right, sum) + " - " + raw(left, sum + 1), sum, Change::sign, 1.1);
  add(expr, least, raw(left), strength_of(left), Change::extra_term, 2.4,
      (plus ? "+ " : "- ") + raw(right));
  add(expr, least, plus ? raw(right) : "-" + raw(right, sign), plus ? strength_of(right) : sign,
      Change::extra_term, 2.4, raw(left));
  scaling(left);
  scaling(right);
  for (const Expr* term : {&left, &right})
    if (!term->is(ExprKind::binary) || (term->text != "+" && term->text != "-"))
      factors(*term, sum + 1);
  if (least == any || least == sum) terms(expr);
}

void Editor::product_of_two(const Expr& expr, int least) {
  const Expr& left = expr.children[0];
  const Expr& right = expr.children[1];
  const auto kind = [](const Expr& dropped) {
    return is_constant(dropped) ? Change::scale : Change::extra_factor;
  };
  add(expr, least, raw(left), strength_of(left), kind(right), 2, raw(right));
  if (left.is(ExprKind::binary) && (left.text == "*" || left.text == "/"))
    add(expr, least, raw(left.children[0]), strength_of(left.children[0]), Change::extra_factor,
        1.95,
        context_.text.substr(left.children[1].span.begin,
                             right.span.end - left.children[1].span.begin));
  if (expr.text == "*") {
    add(expr, least, raw(right), strength_of(right), kind(left), 2, raw(left));
    add_at(expr.op, "/", Change::operation, 2.6, raw(expr), raw(left) + " / " + raw(right));
  } else {
    add(expr, least, raw(right, product) + " / " + raw(left, product + 1), product, Change::operand,
        2.7);
    add_at(expr.op, "*", Change::operation, 2.6, raw(expr), raw(left) + " * " + raw(right));
  }
}

void Editor::power_of(const Expr& expr, int least) {
  const Expr& base = expr.children[0];
  const Expr& exponent = expr.children[1];
  add(expr, least, raw(base), strength_of(base), Change::extra_factor, 2.5);
  if (!is_constant(exponent)) return;
  const double n = std::strtod(raw(exponent).c_str(), nullptr);
  if (!(std::abs(n) < 100)) return;
  for (const double other : {n + 1, n - 1, -n, n + 0.5, n - 0.5})
    if (other != 0 && other != n)
      add_at(exponent.span, other < 0 ? fmt::format("({:g})", other) : fmt::format("{:g}", other),
             other > n ? Change::missing_factor : Change::extra_factor, 2.5, raw(expr), raw(base));
}

void Editor::comparison(const Expr& expr) {
  static const std::set<std::string> comparisons{">", "<", ">=", "<=", "==", "!="};
  if (!comparisons.count(expr.text)) return;
  for (const std::string& other : comparisons)
    if (other != expr.text)
      add_at(expr.op, other, Change::comparison, 2, raw(expr),
             raw(expr.children[0]) + " " + other + " " + raw(expr.children[1]));
}

}  // namespace gradient_check
