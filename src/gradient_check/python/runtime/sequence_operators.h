#pragma once

#include "gradient_check/python/runtime/value.h"
#include "gradient_check/python/syntax/operators.h"

namespace gradient_check::python {

class Interpreter;

/// +, *, %, | and the like for str, bytes, list, tuple, set and dict; unset where there is no such
/// operator.
Value binary_sequences(Interpreter& interpreter, ast::BinaryOperator op, const Value& left,
                       const Value& right, bool in_place);
/// Whether a container, str, range or complex zero is empty.
bool is_empty(const Value& value);
/// len(value). Raises TypeError.
std::int64_t length_of(Interpreter& interpreter, const Value& value);
/// The same without what a class derived from a container writes.
std::int64_t plain_length_of(Interpreter& interpreter, const Value& value);

}  // namespace gradient_check::python
