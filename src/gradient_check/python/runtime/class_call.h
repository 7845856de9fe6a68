#pragma once

#include "gradient_check/python/runtime/frame.h"
#include "gradient_check/python/runtime/klass.h"

namespace gradient_check::python {

/// Makes an instance: C(…).
Value call_class(Interpreter& interpreter, Class& type, const Arguments& arguments);

/// Runs a class statement and gives the class, before its decorators.
Value make_class(Frame& frame, const ast::Statement& node, const ast::ClassDef& definition);

}  // namespace gradient_check::python
