#include "gradient_check/python/runtime/module.h"

namespace gradient_check::python {

Value Module::get(Interpreter& interpreter, const std::string& variable) {
  const auto found = slots.find(variable);
  if (found != slots.end() && values[found->second].is_set()) return values[found->second];
  if (!loader) return {};
  Value made = loader(interpreter, *this, variable);
  if (made.is_set()) set(variable, made);
  return made;
}

}  // namespace gradient_check::python
