#pragma once

#include <utility>

#include "gradient_check/python/syntax/tree.h"

/// Edits of trees: a new tree that shares all that is not on the way to what was replaced.
namespace gradient_check::python::ast {

/// A new node, of no place and no number until `replace` puts it into a module.
ExpressionPtr make_expression(ExpressionForm form);
StatementPtr make_statement(StatementForm form);

/// `module` with `replacement` where the node with id `old` stands. The copies of the nodes around
/// it keep their ids and spans. Of the replacement, nodes without an id get new ones from
/// module.node_count on and, where they have none, the span of what they replace; nodes that come
/// from the same module may be used and keep theirs. Throws std::out_of_range if there is no such
/// node, std::length_error if the tree would be higher than most_height.
Module replace(const Module& module, NodeId old, const ExpressionPtr& replacement);
Module replace(const Module& module, NodeId old, const StatementPtr& replacement);

/// The node with that id, or null.
ExpressionPtr find_expression(const Module& module, NodeId id);
StatementPtr find_statement(const Module& module, NodeId id);

/// A copy without ids, to use the same expression twice in a module.
ExpressionPtr fresh_copy(const ExpressionPtr& expression);

}  // namespace gradient_check::python::ast
