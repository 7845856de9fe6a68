#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <string>

#include "gradient_check/subject/program/syntax.h"

namespace gradient_check {

/// Gives the operations of `2 * x`, `1 / x`, `1 - x` and `1 + x` their place in the program.
/// LibTorch makes them out of functions of its own (torch.reciprocal(b) * a), and leaves them with
/// the place in those. `graph`: of the function `syntax`, not yet inlined; `text` and `label`: what
/// it was compiled from.
void place_scripted_operators(torch::jit::Graph& graph, const FunctionSyntax& syntax,
                              const std::string& text, const std::string& label);

}  // namespace gradient_check
