#pragma once

#include <string_view>

namespace gradient_check::python::ast {

/// Named as in Python's `ast`.
enum class BinaryOperator {
  Add,
  Sub,
  Mult,
  MatMult,
  Div,
  Mod,
  Pow,
  LShift,
  RShift,
  BitOr,
  BitXor,
  BitAnd,
  FloorDiv
};
enum class UnaryOperator { Invert, Not, UAdd, USub };
enum class BooleanOperator { And, Or };
enum class ComparisonOperator { Eq, NotEq, Lt, LtE, Gt, GtE, Is, IsNot, In, NotIn };

/// As it is written: "+", "not", "is not".
std::string_view to_text(BinaryOperator op);
std::string_view to_text(UnaryOperator op);
std::string_view to_text(BooleanOperator op);
std::string_view to_text(ComparisonOperator op);

}  // namespace gradient_check::python::ast
