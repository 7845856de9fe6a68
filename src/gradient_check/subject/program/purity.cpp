#include "gradient_check/subject/program/purity.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>

namespace gradient_check {
namespace {

namespace jit = torch::jit;

const jit::Node* first_write_in(jit::Block* block, const jit::AliasDb& aliases, jit::Value* value) {
  for (jit::Node* node : block->nodes()) {
    for (jit::Block* inner : node->blocks())
      if (const jit::Node* found = first_write_in(inner, aliases, value)) return found;
    if (node->blocks().empty() && aliases.writesToAlias(node, {value})) return node;
  }
  return nullptr;
}

/// Whether a node of that name only passes values on. Others of LibTorch's interpreter reach for
/// what no operation shows (prim::data, prim::tolist).
bool is_bookkeeping(std::string_view name) {
  constexpr std::array known{"prim::Constant",
                             "prim::If",
                             "prim::Loop",
                             "prim::ListConstruct",
                             "prim::TupleConstruct",
                             "prim::TupleUnpack",
                             "prim::TupleIndex",
                             "prim::ListUnpack",
                             "prim::DictConstruct",
                             "prim::Uninitialized",
                             "prim::RaiseException",
                             "prim::unchecked_cast",
                             "prim::device",
                             "prim::dtype",
                             "prim::layout",
                             "prim::min",
                             "prim::max",
                             "prim::is_cuda"};
  return std::find(known.begin(), known.end(), name) != known.end();
}

/// Whether `holds` of every node, those of inner blocks too.
bool all_nodes(const jit::Block& block, const std::function<bool(const jit::Node&)>& holds) {
  return std::all_of(block.nodes().begin(), block.nodes().end(), [&](const jit::Node* node) {
    return holds(*node) &&
           std::all_of(node->blocks().begin(), node->blocks().end(),
                       [&](const jit::Block* inner) { return all_nodes(*inner, holds); });
  });
}

}  // namespace

const jit::Node* first_write(jit::Graph& graph, const jit::AliasDb& aliases, jit::Value& value) {
  return first_write_in(graph.block(), aliases, &value);
}

bool is_pure(const std::shared_ptr<jit::Graph>& graph) {
  bool writes = false;
  if (!all_nodes(*graph->block(), [&](const jit::Node& node) {
        const std::string_view name = node.kind().toQualString();
        const c10::FunctionSchema* const schema = node.maybeSchema();
        writes = writes || (schema && schema->is_mutable());
        return (name.starts_with("aten::") || is_bookkeeping(name)) &&
               name.find("empty") == name.npos && name.find("resize") == name.npos;
      }))
    return false;
  if (!writes) return true;
  const jit::AliasDb aliases(graph);
  return std::none_of(graph->inputs().begin(), graph->inputs().end(), [&](jit::Value* input) {
    return first_write(*graph, aliases, *input) != nullptr;
  });
}

}  // namespace gradient_check
