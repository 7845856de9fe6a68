#pragma once

#include <torch/csrc/jit/ir/alias_analysis.h>
#include <torch/csrc/jit/ir/ir.h>

#include <memory>

namespace gradient_check {

/// The first operation of a graph that may write into one of its values or a view of it, in program
/// order, those of branches and loops too; null where none does.
const torch::jit::Node* first_write(torch::jit::Graph& graph, const torch::jit::AliasDb& aliases,
                                    torch::jit::Value& value);

/// Whether an inlined graph is known to be made of LibTorch's own operations, none of which writes
/// into an input or hands out memory that nothing was written to.
bool is_pure(const std::shared_ptr<torch::jit::Graph>& graph);

}  // namespace gradient_check
