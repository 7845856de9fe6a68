#pragma once

#include <set>
#include <string>

#include "gradient_check/python/syntax/tree.h"

namespace gradient_check {

using NameSet = std::set<std::string>;

/// The names that stand in an expression or statement.
NameSet names_in(const python::ast::ExpressionPtr& expression);
NameSet names_in(const python::ast::StatementPtr& statement);

/// The variables that a statement changes: it assigns to them, to a part of them, or calls what may
/// change them.
NameSet writes_of(const python::ast::StatementPtr& statement);

}  // namespace gradient_check
