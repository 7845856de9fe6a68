#include "gradient_check/python/runtime/module.h"

#include "gradient_check/python/runtime/interpreter.h"

namespace gradient_check::python {

Value Module::get(Interpreter& interpreter, const std::string& variable) {
  const auto found = slots.find(variable);
  if (found != slots.end() && values[found->second].is_set()) return values[found->second];
  if (!loader) {  // collections.abc, torch.optim.lr_scheduler
    const bool is_library = !is_programs() && !variable.starts_with("_");
    const Ref<Module> inner =
        is_library ? interpreter.import_module(name + "." + variable) : nullptr;
    if (inner) set(variable, inner);
    return inner ? Value(inner) : Value();
  }
  Value made = loader(interpreter, *this, variable);
  if (made.is_set()) set(variable, made);
  return made;
}

}  // namespace gradient_check::python
