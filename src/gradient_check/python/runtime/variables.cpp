#include "gradient_check/python/runtime/variables.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "gradient_check/python/runtime/import.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/opaque.h"
#include "gradient_check/python/runtime/private_name.h"
#include "gradient_check/python/syntax/children.h"

namespace gradient_check::python {
namespace {

/// What is raised stands at the name itself.
void stand_at(Frame& frame, ast::NodeId id) {
  for (const auto& statement : frame.code.tree.body)
    ast::for_each_node(statement, [&](const auto& node) {
      if constexpr (std::is_same_v<std::decay_t<decltype(node)>, ast::ExpressionPtr>)
        if (node->id == id) frame.at = node.get();
    });
}

[[noreturn]] void raise_unbound(const Frame& frame, const NameSlot& slot, const std::string& name) {
  const bool is_free = slot.index >= frame.scope.variables.size() ||
                       std::any_of(frame.scope.free.begin(), frame.scope.free.end(),
                                   [&](const auto& free) { return free.own == slot.index; });
  if (is_free)
    raise(ErrorKind::NameError,
          "cannot access free variable '{}' where it is not associated with a value in enclosing "
          "scope",
          name);
  raise(ErrorKind::UnboundLocalError,
        "cannot access local variable '{}' where it is not associated with a value", name);
}

/// What Python has and programs here do not, and what to do instead.
[[noreturn]] void raise_no_name(const std::string& name) {
  constexpr std::pair<const char*, const char*> refused[] = {
      {"open",
       "a program reads no files of its own: give what it reads under \"inputs\", or put the file "
       "beside the program and read it with np.load, np.loadtxt or torch.load"},
      {"input", "there is nobody to ask: assign the value"},
      {"eval", "text is not run here: write the expression itself"},
      {"exec", "text is not run here: write the statements themselves"},
      {"compile", "text is not run here: write the statements themselves"},
      {"__import__", "write an import statement"},
      {"globals", "keep such variables in a dictionary of your own"},
      {"locals", "keep such variables in a dictionary of your own"},
      {"breakpoint", "there is no debugger: delete it"}};
  for (const auto& [refused_name, advice] : refused)
    if (name == refused_name)
      raise(ErrorKind::NameError, "name '{}' is not defined here; {}", name, advice);
  raise(ErrorKind::NameError, "name '{}' is not defined", name);
}

const Value& load_global(Frame& frame, ast::NodeId id, std::uint32_t index,
                         const std::string& name) {
  Module& module = *frame.code.module;
  if (const Value& value = module.values[index]; value.is_set()) return value;
  if (!module.stars.empty())
    if (Value starred = find_starred(frame.interpreter, module, name); starred.is_set())
      return module.values[index] = std::move(starred);
  const auto& builtins = *frame.interpreter.builtins;
  if (const auto found = builtins.slots.find(name); found != builtins.slots.end())
    return builtins.values[found->second];
  for (const Value& star : module.stars)
    if (star.is(Kind::opaque))
      return module.values[index] = star.as<Opaque>().attribute(frame.interpreter, Text(name));
  stand_at(frame, id);
  raise_no_name(name);
}

Cell& cell_at(const Frame& frame, std::uint32_t index) { return frame.slots[index].as<Cell>(); }

}  // namespace

const Value& load_name(Frame& frame, ast::NodeId id, const std::string& name) {
  const NameSlot slot = frame.code.scopes.names[id];
  Binding binding = slot.binding;
  if (binding == Binding::by_name) {
    if (const Value* value = frame.names->find(frame.code.constants[id].as<Text>())) return *value;
    binding = slot.outer;
  }
  if (binding == Binding::local || binding == Binding::cell) {
    const Value& value =
        binding == Binding::local ? frame.slots[slot.index] : cell_at(frame, slot.index).value;
    if (value.is_set()) [[likely]]
      return value;
    stand_at(frame, id);
    raise_unbound(frame, slot, name);
  }
  return load_global(frame, id, slot.index, name);
}

void store_name(Frame& frame, ast::NodeId id, const std::string& name, Value value) {
  const NameSlot slot = frame.code.scopes.names[id];
  switch (slot.binding) {
    case Binding::local:
      frame.slots[slot.index] = std::move(value);
      return;
    case Binding::cell:
      cell_at(frame, slot.index).value = std::move(value);
      return;
    case Binding::by_name:
      frame.names->set(private_name(frame.scope.name, name), std::move(value));
      return;
    default:
      frame.code.module->values[slot.index] = std::move(value);
  }
}

void delete_name(Frame& frame, ast::NodeId id, const std::string& name) {
  load_name(frame, id, name);  // raises where there is nothing to delete
  const NameSlot slot = frame.code.scopes.names[id];
  if (slot.binding == Binding::by_name)
    frame.names->remove(Text(private_name(frame.scope.name, name)));
  else
    store_name(frame, id, name, Value());
}

}  // namespace gradient_check::python
