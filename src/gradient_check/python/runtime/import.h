#pragma once

#include "gradient_check/python/runtime/frame.h"

namespace gradient_check::python {

/// import a.b as c
void import(Frame& frame, const ast::Alias& alias);
/// from a.b import c as d
void import_from(Frame& frame, const ast::ImportFrom& statement);

}  // namespace gradient_check::python
