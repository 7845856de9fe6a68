#include "gradient_check/diagnosis/blame/editor.h"

#include <fmt/format.h>

#include <cstdlib>

#include "gradient_check/diagnosis/blame/function_kinds.h"

namespace gradient_check {
void Editor::call(const Expr& expr, int least) {
  const Expr& callee = expr.children[0];
  const bool method = callee.is(ExprKind::attribute);
  const std::string function = method ? callee.text : raw(callee);
  const bool of_module = method && callee.children[0].is(ExprKind::name) &&
                         context_.environment.count(callee.children[0].text) == 0;
  const Expr* operand = method && !of_module       ? &callee.children[0]
                        : expr.children.size() > 1 ? &expr.children[1]
                                                   : nullptr;
  if (function == "len") return;
  enclosing_.push_back(raw(expr));
  if (operand && method && is_reduction(function)) {
    const std::string other = function == "sum" ? "mean" : "sum";
    add_at(callee.op, other, Change::reduction, function == "mean" ? 1 : 2.3, function, other);
  }
  if (operand && (is_reduction(function) || is_transpose(function)))
    add(expr, least, raw(*operand), strength_of(*operand),
        is_reduction(function) ? Change::reduction : Change::transpose, 1.4);
  else if (operand && expr.children.size() == (method && !of_module ? 1U : 2U))
    add(expr, least, raw(*operand), strength_of(*operand), Change::operation, 3.4);
  if (!method && operand)
    for (const std::string& other : context_.unary_functions)
      if (other != function)
        add_at(callee.span, other, Change::operand, 2.2, function,
               other + enclosing_.back().substr(function.size()));
  if (method && !of_module && function != "size" && function != "numel")
    visit(callee.children[0], atom);
  argument_of_.push_back(function);
  for (std::size_t i = 1; i < expr.children.size(); ++i) argument(expr.children[i], function);
  argument_of_.pop_back();
  enclosing_.pop_back();
}

void Editor::argument(const Expr& expr, const std::string& function) {
  const Change change = function == "size"               ? Change::scale
                        : is_transpose(function)         ? Change::transpose
                        : goes_along_dimension(function) ? Change::reduction
                                                         : Change::operand;
  const Expr& value = expr.is(ExprKind::keyword) ? expr.children[0] : expr;
  const bool negative = value.is(ExprKind::unary) && value.children[0].is(ExprKind::number);
  if ((value.is(ExprKind::number) || negative) && raw(value).find('.') == std::string::npos) {
    for (const char* other : {"0", "1", "2", "-1", "-2"})
      if (raw(value) != other)
        add_at(value.span, other, change, change == Change::operand ? 2.1 : 1.5, enclosing_.back(),
               replaced(value.span, other));
    return;
  }
  if (value.is(ExprKind::list) && is_reduction(function)) {
    for (const char* other :
         {"[0]", "[1]", "[2]", "[3]", "[0, 1]", "[0, 2]", "[0, 3]", "[1, 2]", "[1, 3]", "[2, 3]",
          "[-2, -1]", "[0, 1, 2]", "[0, 1, 3]", "[0, 2, 3]", "[1, 2, 3]"})
      if (raw(value) != other)
        add_at(value.span, other, change, 2.2, enclosing_.back(), replaced(value.span, other));
    return;
  }
  if (!value.is(ExprKind::list)) {
    // Only of numbers: a dtype is a number to the compiler too.
    const at::Tensor given = context_.evaluate ? context_.evaluate(raw(value)) : at::Tensor();
    if (given.defined() && given.dim() > 0 && given.is_floating_point())
      add(value, any, "-" + raw(value, sign), sign, Change::sign, 1.6);
    factors(value, any);
  }
  visit(value, any);
}

std::string Editor::replaced(const Span& span, const std::string& piece) const {
  const std::size_t at = context_.text.rfind(enclosing_.back(), span.begin);
  if (at == std::string::npos || at + enclosing_.back().size() < span.end) return piece;
  std::string text = enclosing_.back();
  return text.replace(span.begin - at, span.end - span.begin, piece);
}

void Editor::subscript(const Expr& expr, int) {
  enclosing_.push_back(raw(expr));
  visit(expr.children[0], atom);
  for (std::size_t i = 1; i < expr.children.size(); ++i) {
    const Expr& index = expr.children[i];
    if (index.is(ExprKind::slice)) {
      for (const Expr& bound : index.children)
        if (!bound.is(ExprKind::absent)) shift(bound);
    } else {
      shift(index);
    }
  }
  enclosing_.pop_back();
}

void Editor::shift(const Expr& index) {
  if (index.is(ExprKind::string) || index.is(ExprKind::literal)) return;
  if (index.is(ExprKind::number)) {
    const long n = std::strtol(raw(index).c_str(), nullptr, 10);
    for (const long other : {n + 1, n - 1})
      add_at(index.span, std::to_string(other), Change::operand, 2, enclosing_.back(),
             replaced(index.span, std::to_string(other)));
    for (const auto& [name, value] : context_.environment)
      if (value.isInt())
        add_at(index.span, name, Change::operand, 2.1, enclosing_.back(),
               replaced(index.span, name));
    return;
  }
  if (index.is(ExprKind::binary) && (index.text == "+" || index.text == "-")) {
    const std::string plain = raw(index.children[0]);
    add_at(index.span, plain, Change::operand, 2, enclosing_.back(), replaced(index.span, plain));
  }
  for (const char* step : {" + 1", " - 1"})
    add_at({index.span.end, index.span.end}, step, Change::operand, 2, enclosing_.back(),
           replaced({index.span.begin, index.span.end}, raw(index) + step));
  visit(index, any);
}

}  // namespace gradient_check
