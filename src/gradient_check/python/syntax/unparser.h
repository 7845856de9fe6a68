#pragma once

#include <string>

#include "gradient_check/python/syntax/tree.h"

/// Trees as text for people.
namespace gradient_check::python {

/// The text of a node. With a source, nodes that are as parsed keep the user's own characters;
/// without one everything is written anew, as few parentheses as precedence allows.
std::string unparse(const ast::Expression& expression, const SourceText* source = nullptr);
/// Lines without a final line end, each but the first with `indent` columns before it.
std::string unparse(const ast::Statement& statement, const SourceText* source = nullptr,
                    int indent = 0);
std::string unparse(const ast::Module& module);

/// The user's own text of a statement with only the replaced parts written anew, comments and
/// spacing kept: what a suggested fix shows.
std::string edited_text(const ast::Statement& statement, const SourceText& source);

}  // namespace gradient_check::python
