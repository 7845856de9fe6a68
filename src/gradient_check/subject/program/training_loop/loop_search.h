#pragma once

#include <optional>
#include <vector>

#include "gradient_check/python/runtime/program.h"
#include "gradient_check/subject/program/training_loop/loop_observer.h"

namespace gradient_check {

/// The loops whose turns run a statement that may be an update of a parameter, in the order of
/// running, of nested ones the innermost first. `raised`: what the program raised, if it did.
std::vector<python::ast::NodeId> loops_that_update(const python::ast::Module& tree,
                                                   const LoopIndex& index, const GivenValues& given,
                                                   std::optional<python::ProgramError>& raised);

/// Whether the top level runs a loop, or calls something, in which a statement may update a
/// parameter.
bool may_train(const python::ast::Module& tree);

}  // namespace gradient_check
