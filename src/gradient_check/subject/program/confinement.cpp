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

/// Operators that leave it to their caller to check what they are given, and read or write wherever
/// that leads.
bool is_unchecked(std::string_view name) {
  const bool harmless =
      name == "_unsafe_view" || name.rfind("unsafe_split", 0) == 0 || name == "unsafe_chunk";
  return !harmless && (name.find("unsafe") != name.npos || name.rfind("_nested_", 0) == 0 ||
                       name == "_reshape_alias" || name == "set_" || name == "_make_dep_token");
}

/// Calls of a program's text: those that a default argument may make, since they only make numbers.
bool makes_a_number(const jit::Expr& callee) {
  if (callee.kind() != jit::TK_VAR) return false;
  const std::string name = jit::Var(callee).name().name();
  return name == "float" || name == "int" || name == "bool";
}

void refuse_call(const jit::Apply& call, bool in_default) {
  if (call.callee().kind() == jit::TK_VAR && jit::Var(call.callee()).name().name() == "getattr")
    throw jit::ErrorReport(call.range())
        << "getattr may not be used in a program: write the attribute's name";
  if (in_default && !makes_a_number(call.callee()))
    throw jit::ErrorReport(call.range()) << "a default argument may not call anything: LibTorch "
                                         << "would run it while it compiles the program";
}

void refuse_in(const jit::TreeRef& tree, bool in_default) {
  if (tree->kind() == '.') {
    const std::string name = jit::Select(tree).selector().name();
    if (const std::string_view why = why_refused("aten::" + name); !why.empty())
      throw jit::ErrorReport(tree->range())
          << name << " may not be used in a program: " << std::string(why);
  }
  if (tree->kind() == jit::TK_APPLY) refuse_call(jit::Apply(tree), in_default);
  for (const jit::TreeRef& part : tree->trees())
    refuse_in(part, in_default || tree->kind() == jit::TK_PARAM);
}

void refuse_in(const jit::Block& block,
               const std::function<std::optional<Place>(const jit::Node&)>& place_of) {
  for (const jit::Node* node : block.nodes()) {
    const std::string name = node->kind().toQualString();
    if (const std::string_view why = why_refused(name); !why.empty())
      throw SubjectError(place_of(*node),
                         fmt::format("{} may not be used in a program: {}", name, why));
    for (const jit::Block* inner : node->blocks()) refuse_in(*inner, place_of);
  }
}

}  // namespace

std::string_view why_refused(const std::string& operation) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 11> known{{
      {"aten::save", "it writes files"},
      {"aten::from_file", "it reads and writes files"},
      {"aten::manual_seed", "the case's \"seed\" seeds the generator"},
      {"aten::seed", "the case's \"seed\" seeds the generator"},
      {"aten::set_grad_enabled", "gradient-check decides what is differentiated"},
      {"aten::_set_grad_enabled", "gradient-check decides what is differentiated"},
      {"prim::AddStatValue", "it changes LibTorch's statistics"},
      {"prim::fork", "it starts threads of its own"},
      {"prim::rpc_async", "it calls other machines"},
      {"prim::rpc_sync", "it calls other machines"},
      {"prim::rpc_remote", "it calls other machines"},
  }};
  for (const auto& [name, why] : known)
    if (operation == name) return why;
  const bool of_aten = operation.rfind("aten::", 0) == 0;
  if (of_aten && is_unchecked(std::string_view(operation).substr(6)))
    return "it does not check what it is given";
  return of_aten || operation.rfind("prim::", 0) == 0 || is_loaded(operation)
             ? ""
             : "no library that --load names brought it";
}

void refuse_outside_reach(const std::vector<jit::Def>& definitions) {
  for (const jit::Def& definition : definitions) refuse_in(definition.tree(), false);
}

void refuse_outside_reach(const jit::CompilationUnit& unit,
                          const std::function<std::optional<Place>(const jit::Node&)>& place_of) {
  for (jit::Function* function : unit.get_functions())
    refuse_in(*jit::toGraphFunction(*function).graph()->block(), place_of);
}

}  // namespace gradient_check
