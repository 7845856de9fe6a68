#pragma once

#include "gradient_check/python/runtime/interpreter.h"

namespace gradient_check::python {

/// Raises RecursionError where the stack comes near its end: for what recurses without calls of the
/// program, such as comparing lists within lists.
inline void guard_stack(const Interpreter& interpreter) {
  const char* here = static_cast<const char*>(__builtin_frame_address(0));
  if (here < interpreter.stack_end)
    raise(ErrorKind::RecursionError, "maximum recursion depth exceeded");
}

}  // namespace gradient_check::python
