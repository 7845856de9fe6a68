#pragma once

#include "gradient_check/python/runtime/arguments.h"
#include "gradient_check/python/runtime/interpreter.h"

namespace gradient_check::python {

/// What torch.autograd.Function.apply does: (cls, ctx, arguments) runs cls.forward(ctx, *arguments)
/// without gradients, and makes cls.backward the derivative of what it gives. A backward that
/// returns another number of gradients, or no tensors, raises as PyTorch does.
Value apply_custom_function(Interpreter& interpreter, const Arguments& arguments);

/// (outputs, inputs, their adjoints, retain_graph, create_graph, allow_unused): a list of
/// gradients.
Value autograd_grad(Interpreter& interpreter, const Arguments& arguments);

}  // namespace gradient_check::python
