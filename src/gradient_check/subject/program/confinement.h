#pragma once

#include <functional>
#include <optional>

#include "gradient_check/subject/place.h"

namespace torch::jit {
struct CompilationUnit;
struct Node;
}  // namespace torch::jit

namespace gradient_check {

/// Refuses a program with an operation that reaches outside of the computation under test: files,
/// other processes, LibTorch's global state, operators that no loaded library brought. A case file
/// may come from a stranger; whatever name an operation was called by, it is a node of the compiled
/// graph, and known there. Throws SubjectError at `place_of` the operation.
void refuse_outside_reach(
    const torch::jit::CompilationUnit& unit,
    const std::function<std::optional<Place>(const torch::jit::Node&)>& place_of);

}  // namespace gradient_check
