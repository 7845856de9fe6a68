#pragma once

#include "gradient_check/python/runtime/execute.h"

namespace gradient_check::python {

Flow execute_try(Frame& frame, const ast::Try& statement, Value& result);
Flow execute_with(Frame& frame, const ast::With& statement, Value& result);

/// The handler of `statement` that takes the exception, or null.
const ast::ExceptHandler* find_handler(Frame& frame, const ast::Try& statement,
                                       const Value& exception);

}  // namespace gradient_check::python
