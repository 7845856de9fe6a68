#pragma once

#include <string>

#include "gradient_check/python/runtime/value.h"

namespace gradient_check::python {

/// torch.ops: operators under their full names, torch.ops.aten.mm, torch.ops.my.swiglu.
Value make_operator_namespaces();

}  // namespace gradient_check::python
