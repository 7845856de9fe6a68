#pragma once

#include "gradient_check/python/runtime/array/array.h"

namespace gradient_check::python {

/// Operators of Python where an operand is an array; unset where the other is nothing for NumPy.
Value array_binary(Interpreter& interpreter, ast::BinaryOperator op, const Value& left,
                   const Value& right, bool in_place);
Value array_compare(Interpreter& interpreter, ast::ComparisonOperator op, const Value& left,
                    const Value& right);
Value array_unary(Interpreter& interpreter, ast::UnaryOperator op, const Array& operand);

}  // namespace gradient_check::python
