#pragma once

#include "gradient_check/python/runtime/frame.h"

namespace gradient_check::python {

// A program's imports find, in this order, files beside it, what modules/ has, and for any other
// module an Unknown. They raise only where the program is about to catch that.

/// import a.b as c
void import(Frame& frame, const ast::Alias& alias);
/// from a.b import c as d
void import_from(Frame& frame, const ast::ImportFrom& statement);

/// What `from torch import *` and the like bring by that name; unset if nothing.
Value find_starred(Interpreter& interpreter, const Module& module, const std::string& name);

}  // namespace gradient_check::python
