#pragma once

#include <string>
#include <vector>

#include "gradient_check/python/runtime/interpreter.h"

namespace gradient_check::python {

/// A module that is written in Python: a file of python/library, by its dotted name.
struct LibraryModule {
  const char* name;
  const char* source;
};

/// All of them, as they were built in.
const std::vector<LibraryModule>& library_modules();

/// Runs the module of that name in `module`; false where there is none. Its places read
/// "<torch.optim>:12:5".
bool run_library_module(Interpreter& interpreter, const std::string& name, Module& module);

/// What such a module has at its top level by that name, unset where there is nothing. Of the
/// module only that and what it needs is run.
Value find_in_library(Interpreter& interpreter, const std::string& module, const std::string& name);

}  // namespace gradient_check::python
