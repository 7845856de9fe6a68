#pragma once

#include <functional>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/python/syntax/tree.h"

namespace gradient_check {

/// Whether a program's text shows that nothing but LibTorch's operations makes its values, that no
/// call leaves anything behind for the next one, and that a write, if there is any, happens in
/// every call: its top level has imports of torch, math and typing, numbers and plain functions
/// alone.
bool is_plain(const python::ast::Module& module);

/// Whether a call changes none of `arguments` and hands out no memory that nothing was written to.
/// Where it throws, neither is known.
bool leaves_arguments(const NamedTensors& arguments, const std::function<void()>& call);

}  // namespace gradient_check
