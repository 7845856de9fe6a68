#pragma once

#include <functional>

#include "gradient_check/python/runtime/interpreter.h"

namespace gradient_check::python {

/// numpy.random.RandomState(seed)
Value make_random_state(Interpreter& interpreter, const Arguments& arguments);
/// numpy.random.name: a method of the module's own RandomState. Unset if there is none.
Value random_function(Interpreter& interpreter, Module& module, const std::string& name);
/// Brings a RandomState back to where it stands now; empty for every other value.
std::function<void()> random_state_rewind(const Value& value);

}  // namespace gradient_check::python
