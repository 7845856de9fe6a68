#include "gradient_check/python/runtime/import.h"

#include "gradient_check/python/runtime/evaluate.h"
#include "gradient_check/python/runtime/interpreter.h"

namespace gradient_check::python {
namespace {

Ref<Module> found_module(Frame& frame, const std::string& name) {
  if (Ref<Module> module = frame.interpreter.import_module(name)) return module;
  raise(ErrorKind::ModuleNotFoundError, "No module named '{}'", name);
}

}  // namespace

void import(Frame& frame, const ast::Alias& alias) {
  Value module = found_module(frame, alias.name);
  const std::size_t dot = alias.name.find('.');
  if (alias.asname) return store_name(frame, alias.id, *alias.asname, std::move(module));
  if (dot != std::string::npos) module = found_module(frame, alias.name.substr(0, dot));
  store_name(frame, alias.id, alias.name.substr(0, dot), std::move(module));
}

void import_from(Frame& frame, const ast::ImportFrom& statement) {
  const std::string name = statement.module.value_or("");
  if (name == "__future__") return;
  const Ref<Module> module = found_module(frame, std::string(statement.level, '.') + name);
  for (const auto& alias : statement.names) {
    if (alias.name == "*")
      raise(ErrorKind::NotImplementedError,
            "'from {} import *' is not supported: name what you import", name);
    Value value = module->get(frame.interpreter, alias.name);
    if (!value.is_set())
      if (Ref<Module> inner = frame.interpreter.import_module(name + "." + alias.name))
        value = inner;
    if (!value.is_set())
      raise(ErrorKind::ImportError, "cannot import name '{}' from '{}'", alias.name, name);
    store_name(frame, alias.id, alias.asname.value_or(alias.name), std::move(value));
  }
}

}  // namespace gradient_check::python
