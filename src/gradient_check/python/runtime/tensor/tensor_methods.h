#pragma once

#include <string>

#include "gradient_check/python/runtime/arguments.h"

namespace gradient_check::python {

/// Methods of Tensor that are no operators, or take other arguments than the operator of their
/// name; null if there is none of that name. The first argument is the tensor.
NativeFunction find_tensor_method(const std::string& name);

}  // namespace gradient_check::python
