#include <cstdlib>

#include "gradient_check/diagnosis/blame/edit.h"

namespace gradient_check {
namespace {

/// A number that is too small to be anything but a guard against a division by zero.
bool is_guard(const Expr& expr, const std::string& text) {
  if (expr.is(ExprKind::paren)) return is_guard(expr.children[0], text);
  std::size_t at = expr.span.begin;
  if (expr.is(ExprKind::name)) {  // a module-level number
    const std::string start = "\n" + expr.text + " = ";
    const std::size_t found = ("\n" + text).find(start);
    if (found == std::string::npos) return false;
    at = found + start.size() - 1;
  } else if (!expr.is(ExprKind::number)) {
    return false;
  }
  const double value = std::strtod(text.c_str() + at, nullptr);
  return value > 0 && value <= 1e-3;
}

void collect_guards(const Expr& expr, const std::string& text, std::vector<Edit>& guards) {
  if (expr.is(ExprKind::binary) && expr.text == "+") {
    for (const std::size_t side : {0U, 1U}) {
      if (!is_guard(expr.children[side], text)) continue;
      const Expr& kept = expr.children[1 - side];
      Edit edit;
      edit.span =
          side == 1 ? Span{kept.span.end, expr.span.end} : Span{expr.span.begin, kept.span.begin};
      edit.change = Change::guard;
      edit.before = text.substr(expr.span.begin, expr.span.end - expr.span.begin);
      edit.after = text.substr(kept.span.begin, kept.span.end - kept.span.begin);
      guards.push_back(std::move(edit));
    }
  }
  for (const Expr& child : expr.children) collect_guards(child, text, guards);
}

}  // namespace

std::vector<Edit> guards_in(const Expr& expression, const std::string& text) {
  std::vector<Edit> guards;
  collect_guards(expression, text, guards);
  return guards;
}

}  // namespace gradient_check
