#pragma once

#include "gradient_check/python/syntax/tree.h"

namespace gradient_check {

/// The module without what only switches the user's autograd off around the whole of a function
/// that is checked: a decorator `torch.no_grad()` or `torch.inference_mode()` of step, forward or
/// backward, and a `with` of these that holds all that such a function does but its `return`. They
/// detach nothing: a hand-written backward is at home there.
python::ast::Module without_no_grad(python::ast::Module module);

}  // namespace gradient_check
