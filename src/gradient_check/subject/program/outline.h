#pragma once

#include <vector>

#include "gradient_check/python/syntax/tree.h"
#include "gradient_check/subject/program/syntax.h"

namespace gradient_check {

/// The functions at a module's top level, in order.
std::vector<FunctionSyntax> outline(const python::ast::Module& module);

}  // namespace gradient_check
