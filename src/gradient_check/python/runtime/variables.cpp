#include "gradient_check/python/runtime/variables.h"

#include <algorithm>

#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/private_name.h"

namespace gradient_check::python {
namespace {

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

const Value& load_global(Frame& frame, std::uint32_t index, const std::string& name) {
  const Value& value = frame.code.module->values[index];
  if (value.is_set()) return value;
  const auto& builtins = *frame.interpreter.builtins;
  const auto found = builtins.slots.find(name);
  if (found == builtins.slots.end()) raise(ErrorKind::NameError, "name '{}' is not defined", name);
  return builtins.values[found->second];
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
    raise_unbound(frame, slot, name);
  }
  return load_global(frame, slot.index, name);
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
