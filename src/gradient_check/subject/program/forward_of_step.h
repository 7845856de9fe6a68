#pragma once

#include <optional>
#include <string>

#include "gradient_check/python/syntax/tree.h"

namespace gradient_check {

/// The module with a function `name` that returns its first result alone, and consists only of
/// those of its statements which that needs: the forward of a `step`, which ends where the loss is
/// computed, so that nothing is written afterwards into what autograd has saved. Nothing where the
/// function does not end in its only `return`, of a tuple. A statement that writes through an alias
/// alone may be left out: compare the result with that of the whole function.
std::optional<python::ast::Module> forward_of_step(const python::ast::Module& module,
                                                   const std::string& name);

/// The function of that name at the module's top level, the last one, or with "Class.method" that
/// of a class there; null if there is none.
python::ast::StatementPtr function_named(const python::ast::Module& module,
                                         const std::string& name);
/// The same of a class.
python::ast::StatementPtr class_named(const python::ast::Module& module, const std::string& name);

}  // namespace gradient_check
