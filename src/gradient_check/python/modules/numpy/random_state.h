#pragma once

#include "gradient_check/python/runtime/interpreter.h"

namespace gradient_check::python {

/// numpy.random.RandomState(seed)
Value make_random_state(Interpreter& interpreter, const Arguments& arguments);
/// numpy.random.name: a method of the module's own RandomState. Unset if there is none.
Value random_function(Interpreter& interpreter, Module& module, const std::string& name);

}  // namespace gradient_check::python
