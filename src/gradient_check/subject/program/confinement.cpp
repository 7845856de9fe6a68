#include "gradient_check/subject/program/confinement.h"

#include <fmt/format.h>
#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/ir.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "gradient_check/subject/library.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {
namespace {

namespace jit = torch::jit;

bool is_loaded(const std::string& name) {
  const std::vector<std::string>& loaded = loaded_operators();
  return std::find(loaded.begin(), loaded.end(), name) != loaded.end();
}

/// What an operation reaches that it may not; empty: nothing.
std::string_view reach_of(const std::string& name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> known{{
      {"aten::save", "it writes files"},
      {"aten::from_file", "it reads and writes files"},
      {"aten::manual_seed", "the case's \"seed\" seeds the generator"},
      {"aten::seed", "the case's \"seed\" seeds the generator"},
      {"aten::set_grad_enabled", "gradient-check decides what is differentiated"},
      {"aten::_set_grad_enabled", "gradient-check decides what is differentiated"},
      {"aten::_cuda_set_device", "--device says where code runs"},
      {"prim::AddStatValue", "it changes LibTorch's statistics"},
      {"prim::fork", "it starts threads of its own"},
      {"prim::rpc_async", "it calls other machines"},
      {"prim::rpc_sync", "it calls other machines"},
      {"prim::rpc_remote", "it calls other machines"},
  }};
  for (const auto& [operation, reach] : known)
    if (name == operation) return reach;
  const bool of_libtorch = name.rfind("aten::", 0) == 0 || name.rfind("prim::", 0) == 0;
  return of_libtorch || is_loaded(name) ? "" : "no library that --load names brought it";
}

void refuse_in(const jit::Block& block,
               const std::function<std::optional<Place>(const jit::Node&)>& place_of) {
  for (const jit::Node* node : block.nodes()) {
    const std::string name = node->kind().toQualString();
    if (const std::string_view reach = reach_of(name); !reach.empty())
      throw SubjectError(place_of(*node),
                         fmt::format("{} may not be used in a program: {}", name, reach));
    for (const jit::Block* inner : node->blocks()) refuse_in(*inner, place_of);
  }
}

}  // namespace

void refuse_outside_reach(const jit::CompilationUnit& unit,
                          const std::function<std::optional<Place>(const jit::Node&)>& place_of) {
  for (jit::Function* function : unit.get_functions())
    refuse_in(*jit::toGraphFunction(*function).graph()->block(), place_of);
}

}  // namespace gradient_check
