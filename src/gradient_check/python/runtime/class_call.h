#pragma once

#include "gradient_check/python/runtime/frame.h"
#include "gradient_check/python/runtime/klass.h"

namespace gradient_check::python {

/// Makes an instance: C(…).
Value call_class(Interpreter& interpreter, Class& type, const Arguments& arguments);

/// The instance before __init__, as object.__new__ makes it.
Value new_instance(Interpreter& interpreter, Class& type, const Arguments& arguments);

/// What stands behind the bases: class C(Base, key=value).
struct ClassKeywords {
  std::vector<Value> names, values;
};
/// What is done with a class once its attributes are there: __set_name__, __init_subclass__.
void finish_class(Interpreter& interpreter, Class& type, ClassKeywords& keywords);

/// Runs a class statement and gives the class, before its decorators.
Value make_class(Frame& frame, const ast::Statement& node, const ast::ClassDef& definition);

}  // namespace gradient_check::python
