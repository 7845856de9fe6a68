#pragma once

#include "gradient_check/python/runtime/frame.h"

namespace gradient_check::python {

/// The value of a variable that `id` names; raises NameError.
const Value& load_name(Frame& frame, ast::NodeId id, const std::string& name);
/// Assigns to the variable that a Name, def, class, alias, handler or parameter names.
void store_name(Frame& frame, ast::NodeId id, const std::string& name, Value value);
void delete_name(Frame& frame, ast::NodeId id, const std::string& name);

}  // namespace gradient_check::python
