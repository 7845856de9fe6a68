#pragma once

#include <vector>

#include "gradient_check/python/syntax/tree.h"
#include "gradient_check/subject/program/syntax.h"

namespace gradient_check {

/// The functions at a module's top level and the methods of its classes, in order.
std::vector<FunctionSyntax> outline(const python::ast::Module& module);
/// A list of statements.
std::vector<Statement> outline(const python::SourceText& source,
                               const std::vector<python::ast::StatementPtr>& statements);

}  // namespace gradient_check
