#pragma once

#include "gradient_check/python/syntax/expression.h"

namespace gradient_check::python {

/// How strongly forms bind, weakest first.
enum class Precedence {
  NamedExpr,
  Tuple,
  Yield,
  Test,  ///< lambda, if … else
  Or,
  And,
  Not,
  Comparison,
  BitOr,
  BitXor,
  BitAnd,
  Shift,
  Sum,
  Product,
  Sign,
  Power,
  Await,
  Atom
};

Precedence precedence(const ast::Expression& expression);
Precedence precedence(ast::BinaryOperator op);

}  // namespace gradient_check::python
