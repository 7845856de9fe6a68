#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gradient_check/python/runtime/scope.h"

namespace gradient_check::python {

/// A region with variables of its own, while scopes are resolved: what Python's symbol table has.
struct Block {
  enum class Kind { module, klass, function, comprehension };
  struct Symbol {
    bool is_bound = false, is_global = false, is_nonlocal = false;
    std::uint32_t slot = Scope::no_slot;
  };
  struct Use {
    ast::NodeId id;
    std::string name;
  };

  Kind kind = Kind::module;
  Block* parent = nullptr;
  Scope* scope = nullptr;  ///< the frame's; a comprehension's is that of the block around
  ast::NodeId node = ast::no_id;
  std::map<std::string, Symbol> symbols;
  std::vector<Use> uses;
  std::vector<std::unique_ptr<Block>> children;
};

/// The blocks of a module, with what each binds and uses. Scopes are added to `table`.
std::unique_ptr<Block> collect_blocks(const ast::Module& module, ScopeTable& table);

}  // namespace gradient_check::python
