#pragma once

#include <ATen/core/ivalue.h>

#include <map>
#include <string>

#include "gradient_check/python/runtime/value.h"

namespace gradient_check::python {
class Interpreter;
}

namespace gradient_check {

/// Variables by name, as a program sees them at some statement. Tensors, numbers, strings, tuples
/// and dictionaries of tensors are what they are; a NumPy array is its tensor in a program that has
/// no others; whatever else Python has is a capsule.
using Environment = std::map<std::string, c10::IValue>;

/// `arrays`: the program is NumPy's, its tensors are arrays.
c10::IValue to_environment(const python::Value& value, bool arrays);
python::Value from_environment(python::Interpreter& interpreter, const c10::IValue& value,
                               bool arrays);

}  // namespace gradient_check
