#pragma once

#include <memory>
#include <string>

#include "gradient_check/python/syntax/syntax_error.h"
#include "gradient_check/python/syntax/tree.h"

namespace gradient_check::python {

/// The program as a tree. Throws SyntaxError. A notebook's cells are parsed one by one and follow
/// each other in the module's body. Takes linear time, and bounded depth of the stack.
ast::Module parse(std::shared_ptr<const SourceText> source);

/// One expression, such as a case file's `"loss": "cost + penalty"`. Its nodes have the ids
/// 0 … node_count-1 of the module that is returned, whose only statement it is.
ast::Module parse_expression(std::string label, std::string text);

}  // namespace gradient_check::python
