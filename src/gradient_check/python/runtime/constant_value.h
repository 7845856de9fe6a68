#pragma once

#include "gradient_check/python/runtime/value.h"
#include "gradient_check/python/syntax/expression.h"

namespace gradient_check::python {

/// The value of a literal; unset for an integer beyond 64 bits, which is refused where it is
/// evaluated.
Value constant_value(const ast::Constant& constant);

}  // namespace gradient_check::python
