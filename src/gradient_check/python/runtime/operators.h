#pragma once

#include "gradient_check/python/runtime/frame.h"
#include "gradient_check/python/syntax/operators.h"

namespace gradient_check::python {

/// left op right; in place (+=) where `in_place` and the left value can.
Value binary(Interpreter& interpreter, ast::BinaryOperator op, const Value& left,
             const Value& right, bool in_place = false);
Value unary(Interpreter& interpreter, ast::UnaryOperator op, const Value& operand);
/// One link of a comparison; what the link's `is`, `in`, … gives, a bool but for tensors and the
/// program's own classes.
Value compare(Interpreter& interpreter, ast::ComparisonOperator op, const Value& left,
              const Value& right);

/// bool(value). Raises RuntimeError for a tensor of several elements.
bool truth(Interpreter& interpreter, const Value& value);
/// left == right as a bool; the same object equals itself, as in `in` and dict keys.
bool equal(Interpreter& interpreter, const Value& left, const Value& right);
bool contains(Interpreter& interpreter, const Value& container, const Value& element);
/// The same without what a class derived from a container writes.
bool contains_plainly(Interpreter& interpreter, const Value& container, const Value& element);

/// Numbers only; unset if one of the two is no int, bool, float or complex.
Value binary_numbers(ast::BinaryOperator op, const Value& left, const Value& right);
/// Orders numbers, str, list, tuple; unset where the two have no order.
Value compare_builtin(Interpreter& interpreter, ast::ComparisonOperator op, const Value& left,
                      const Value& right);
/// Raises OverflowError, with advice, for what has more than 64 bits.
[[noreturn]] void integer_overflow();

}  // namespace gradient_check::python
