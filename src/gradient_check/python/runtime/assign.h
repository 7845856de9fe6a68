#pragma once

#include "gradient_check/python/runtime/frame.h"

namespace gradient_check::python {

/// target = value, unpacking where the target is a list or tuple.
void assign(Frame& frame, const ast::Expression& target, Value value);
/// target op= value
void assign_augmented(Frame& frame, const ast::AugAssign& statement);
/// del target
void remove(Frame& frame, const ast::Expression& target);

}  // namespace gradient_check::python
