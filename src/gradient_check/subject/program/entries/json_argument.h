#pragma once

#include "gradient_check/case/json_value.h"
#include "gradient_check/python/runtime/interpreter.h"

namespace gradient_check {

/// A value of a case's "arguments" as the program sees it: numbers, strings, lists, dictionaries,
/// True, False and None.
python::Value argument_value(python::Interpreter& interpreter, const JsonValue& value);

}  // namespace gradient_check
