#pragma once

#include <filesystem>
#include <string>

#include "gradient_check/python/runtime/module.h"

namespace gradient_check::python {

/// The module of that name, with dots, as a file, a package or a mere folder in one that the
/// program may read; run if it was not before, and null where there is none. Places in it are that
/// file's.
Ref<Module> import_beside(Interpreter& interpreter, const std::filesystem::path& folder,
                          const std::string& name);

}  // namespace gradient_check::python
