#pragma once

#include "gradient_check/python/syntax/tree.h"

namespace gradient_check::python {

/// Whether a part of a generator function holds a yield of its own, not of a function inside.
bool yields(const ast::StatementPtr& statement);
bool yields(const ast::ExpressionPtr& expression);

}  // namespace gradient_check::python
