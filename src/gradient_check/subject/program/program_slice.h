#pragma once

#include "gradient_check/python/syntax/tree.h"
#include "gradient_check/subject/program/statement_names.h"

namespace gradient_check {

/// What of a module's top level has to run so that `names` have their values: plots, data sets,
/// training loops and what stands under `if __name__ == "__main__"` are left out.
python::ast::Module slice_for(const python::ast::Module& module, NameSet names);

}  // namespace gradient_check
