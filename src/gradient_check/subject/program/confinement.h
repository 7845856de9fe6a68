#pragma once

#include <torch/csrc/jit/frontend/tree_views.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gradient_check/subject/place.h"

namespace torch::jit {
struct CompilationUnit;
struct Node;
}  // namespace torch::jit

namespace gradient_check {

// A case file may come from a stranger. Its program may not reach outside of the computation under
// test: to files, other processes, LibTorch's global state, memory that no operator checks,
// operators that no loaded library brought. It is looked at three times: as text, since LibTorch
// runs what stands in default arguments while it compiles; where names are looked up; and as
// graphs.

/// Why the operation "aten::save" may not be used; empty where it may.
std::string_view why_refused(const std::string& operation);

/// Refuses, in the text, attributes of such names, calls in default arguments, and getattr. Throws
/// torch::jit::ErrorReport.
void refuse_outside_reach(const std::vector<torch::jit::Def>& definitions);

/// Refuses such operations in compiled functions. Throws SubjectError at `place_of` the operation.
void refuse_outside_reach(
    const torch::jit::CompilationUnit& unit,
    const std::function<std::optional<Place>(const torch::jit::Node&)>& place_of);

}  // namespace gradient_check
