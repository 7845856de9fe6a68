#pragma once

#include "gradient_check/python/runtime/frame.h"
#include "gradient_check/python/runtime/variables.h"

namespace gradient_check::python {

/// The value of an expression. May raise.
Value evaluate(Frame& frame, const ast::Expression& expression);

/// A function out of a def or lambda, in the frame where it stands.
Value make_function(Frame& frame, const Scope& scope);

}  // namespace gradient_check::python
