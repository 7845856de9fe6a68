#include "gradient_check/python/runtime/scope.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "gradient_check/python/runtime/scope_blocks.h"

namespace gradient_check::python {
namespace {

class ScopeResolver {
 public:
  ScopeResolver(const ast::Module& tree, Module& globals) : tree_(tree), globals_(globals) {}

  ScopeTable run() {
    table_.names.resize(tree_.node_count);
    table_.of_node.resize(tree_.node_count);
    const auto root = collect_blocks(tree_, table_);
    resolve_uses(*root);
    mark_cells();
    find_fresh_cells(*root);
    return std::move(table_);
  }

 private:
  struct Place {
    Scope* scope;
    ast::NodeId id;
  };

  void resolve_uses(Block& block) {
    for (const auto& use : block.uses) {
      const NameSlot found = resolve(block, use.name);
      if (use.id == ast::no_id) continue;
      table_.names[use.id] = found;
      places_.push_back({block.scope, use.id});
    }
    for (const auto& child : block.children) resolve_uses(*child);
  }

  NameSlot resolve(Block& block, const std::string& name) {
    bool in_class = false;
    for (Block* at = &block; at; at = at->parent) {
      const auto found = at->symbols.find(name);
      if (found == at->symbols.end() || found->second.is_nonlocal) continue;
      if (found->second.is_global) break;
      const bool is_klass = at->kind == Block::Kind::klass && name != "__class__";
      if (is_klass && at == &block) in_class = true;
      if (is_klass || at->kind == Block::Kind::module) continue;
      const NameSlot slot = local(block, *at, name, found->second);
      return in_class ? NameSlot{Binding::by_name, Binding::cell, slot.index} : slot;
    }
    const NameSlot global{Binding::global, Binding::none, globals_.slot(name)};
    return in_class ? NameSlot{Binding::by_name, Binding::global, global.index} : global;
  }

  NameSlot local(Block& user, Block& owner, const std::string& name, Block::Symbol& symbol) {
    if (symbol.slot == Scope::no_slot) symbol.slot = new_slot(*owner.scope, name);
    if (owner.scope == user.scope) return {Binding::local, Binding::none, symbol.slot};
    return {Binding::cell, Binding::none, captured(*user.scope, user, owner, name, symbol.slot)};
  }

  /// The slot of `scope` that shares the owner's Cell, handed down through the scopes between.
  std::uint32_t captured(Scope& scope, Block& user, Block& owner, const std::string& name,
                         std::uint32_t slot) {
    const auto [known, is_new] = captured_.try_emplace({&scope, owner.scope, slot}, Scope::no_slot);
    if (!is_new) return known->second;
    Block* around = &user;
    while (around->scope == &scope) around = around->parent;
    std::uint32_t outer = slot;
    if (around->scope == owner.scope)
      add_cell(*owner.scope, slot);
    else
      outer = captured(*around->scope, *around, owner, name, slot);
    const std::uint32_t own = new_slot(scope, name);
    scope.free.push_back({outer, own});
    if (name == "__class__") scope.class_cell = own;
    return captured_[{&scope, owner.scope, slot}] = own;
  }

  static std::uint32_t new_slot(Scope& scope, const std::string& name) {
    scope.variables.push_back(name);
    return static_cast<std::uint32_t>(scope.variables.size() - 1);
  }
  static void add_cell(Scope& scope, std::uint32_t slot) {
    if (std::find(scope.cells.begin(), scope.cells.end(), slot) == scope.cells.end())
      scope.cells.push_back(slot);
  }

  /// Whether a variable is shared is known when all its uses are.
  void mark_cells() {
    for (const auto& [scope, id] : places_) {
      NameSlot& name = table_.names[id];
      if (name.binding == Binding::local && is_cell(*scope, name.index))
        name.binding = Binding::cell;
    }
  }
  static bool is_cell(const Scope& scope, std::uint32_t slot) {
    return std::find(scope.cells.begin(), scope.cells.end(), slot) != scope.cells.end();
  }

  void find_fresh_cells(const Block& block) {
    if (block.kind == Block::Kind::comprehension)
      for (const auto& [name, symbol] : block.symbols)
        if (symbol.slot != Scope::no_slot && is_cell(*block.scope, symbol.slot))
          table_.fresh_cells[block.node].push_back(symbol.slot);
    for (const auto& child : block.children) find_fresh_cells(*child);
  }

  const ast::Module& tree_;
  Module& globals_;
  ScopeTable table_;
  std::vector<Place> places_;
  std::map<std::tuple<Scope*, Scope*, std::uint32_t>, std::uint32_t> captured_;
};

}  // namespace

ScopeTable resolve_scopes(const ast::Module& module, Module& globals) {
  return ScopeResolver(module, globals).run();
}

}  // namespace gradient_check::python
