#include "gradient_check/diagnosis/blame/precedence.h"

namespace gradient_check {

int strength_of(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::binary:
      return expr.text == "+" || expr.text == "-"                       ? sum
             : expr.text == "*" || expr.text == "/" || expr.text == "@" ? product
             : expr.text == "**"                                        ? power
                                                                        : any + 1;
    case ExprKind::unary:
      return expr.text == "not" ? any + 1 : sign;
    case ExprKind::ternary:
    case ExprKind::tuple:
    case ExprKind::comprehension:
      return any;
    default:
      return atom;
  }
}

}  // namespace gradient_check
