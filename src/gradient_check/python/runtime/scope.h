#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gradient_check/python/runtime/module.h"
#include "gradient_check/python/syntax/tree.h"

namespace gradient_check::python {

/// Where a name's value is.
enum class Binding : std::uint8_t {
  none,
  local,   ///< in the frame's slot
  cell,    ///< in the Cell in the frame's slot
  global,  ///< in the module's slot, or among the builtins
  by_name  ///< in a class body's dictionary, or else as `outer` says
};

struct NameSlot {
  Binding binding = Binding::none;
  Binding outer = Binding::none;  ///< of by_name: cell or global
  std::uint32_t index = 0;
};

/// The variables of a module's body, class's body, function or generator expression: a frame's
/// layout. Parameters have the first slots. Comprehensions use slots of the frame they stand in.
struct Scope {
  enum class Owner { module, klass, function };
  Owner owner = Owner::module;
  std::string name;            ///< of the function or class; "<module>", "<lambda>", "<genexpr>"
  std::string qualified_name;  ///< "Net.forward", "outer.<locals>.inner"
  const std::vector<ast::Parameter>* parameters = nullptr;
  const std::vector<ast::StatementPtr>* body = nullptr;
  const ast::Expression* expression = nullptr;  ///< of a lambda or generator expression
  bool is_generator = false;
  bool is_method = false;
  std::vector<std::string> variables;  ///< the slots' names
  std::vector<std::uint32_t> cells;    ///< own slots that are Cells
  /// Slots that get the Cells of the frame around: {its slot, ours}.
  struct Free {
    std::uint32_t outer, own;
  };
  std::vector<Free> free;
  std::uint32_t class_cell = no_slot;  ///< of a class body and its methods: __class__
  static constexpr std::uint32_t no_slot = 0xffffffff;
};

struct ScopeTable {
  std::vector<std::unique_ptr<Scope>> scopes;
  std::vector<NameSlot> names;        ///< by id of the Name, def, class, alias, handler, parameter
  std::vector<const Scope*> of_node;  ///< by id of the def, class, lambda, generator expression
  /// By a comprehension's id: slots that hold a fresh Cell each time it begins.
  std::map<ast::NodeId, std::vector<std::uint32_t>> fresh_cells;
  const Scope* module = nullptr;
};

/// Resolves every name of a module as Python does, variables of the module in slots of `globals`.
/// Throws SyntaxError, as for a nonlocal without a variable.
ScopeTable resolve_scopes(const ast::Module& module, Module& globals);

}  // namespace gradient_check::python
