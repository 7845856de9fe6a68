#pragma once

#include "gradient_check/python/runtime/execute.h"

namespace gradient_check::python {

Flow execute_match(Frame& frame, const ast::Match& statement, Value& result);

/// The body of the first case that takes the subject and whose guard holds, or null. Its names are
/// bound then.
const std::vector<ast::StatementPtr>* find_case(Frame& frame, const ast::Match& statement,
                                                const Value& subject);

}  // namespace gradient_check::python
