#pragma once

#include "gradient_check/python/runtime/array/array.h"

namespace gradient_check::python {

/// left @ right, with NumPy's messages.
Value matrix_product(Interpreter& interpreter, const Value& left, const Value& right);
/// np.dot(left, right)
Value dot_product(Interpreter& interpreter, const Value& left, const Value& right);

}  // namespace gradient_check::python
