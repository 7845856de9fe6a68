#include "gradient_check/diagnosis/blame/precedence.h"

namespace gradient_check {

int strength_of(const Expr& expr) {
  using Kind = Expr::Kind;
  switch (expr.kind) {
    case Kind::binary:
      return expr.text == "+" || expr.text == "-"                       ? sum
             : expr.text == "*" || expr.text == "/" || expr.text == "@" ? product
             : expr.text == "**"                                        ? power
                                                                        : any + 1;
    case Kind::unary:
      return expr.text == "not" ? any + 1 : sign;
    case Kind::ternary:
    case Kind::tuple:
    case Kind::comprehension:
      return any;
    default:
      return atom;
  }
}

}  // namespace gradient_check
