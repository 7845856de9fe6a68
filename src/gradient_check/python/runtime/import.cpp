#include "gradient_check/python/runtime/import.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "gradient_check/python/runtime/evaluate.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/module_beside.h"
#include "gradient_check/python/runtime/unknown.h"

namespace gradient_check::python {
namespace {

/// Whether a file beside the program of that name is not what is imported.
bool comes_before_files(const std::string& name) {
  constexpr std::string_view names[] = {"itertools", "math",  "numpy", "sys",
                                        "time",      "torch", "typing"};
  const std::string_view root = std::string_view(name).substr(0, name.find('.'));
  return std::find(std::begin(names), std::end(names), root) != std::end(names);
}

Ref<Module> found_beside(Interpreter& interpreter, const std::string& name) {
  for (const auto& folder : interpreter.files.folders())
    if (Ref<Module> module = import_beside(interpreter, folder, name)) return module;
  return nullptr;
}

Value unknown_module(const Frame& frame, const std::string& name) {
  const bool is_quiet = is_quiet_module(name);
  if (!frame.code.module->is_programs() || (frame.missing_modules_caught > 0 && !is_quiet))
    raise(ErrorKind::ModuleNotFoundError, "No module named '{}'", name);
  return make<Unknown>(name, is_quiet);
}

/// A Module, or an Unknown.
Value found_module(Frame& frame, const std::string& name) {
  Interpreter& interpreter = frame.interpreter;
  Ref<Module> beside;
  if (frame.code.module->is_programs() && !comes_before_files(name))
    beside = found_beside(interpreter, name);
  if (beside && beside->has_file) return beside;
  if (Ref<Module> module = interpreter.import_module(name)) return module;
  if (beside) return beside;
  return unknown_module(frame, name);
}

/// The folder that `level` dots stand for.
std::filesystem::path relative_folder(const Frame& frame, int level) {
  const Module& importer = *frame.code.module;
  std::filesystem::path folder = importer.folder;
  if (importer.folder.empty() && !frame.interpreter.files.empty())
    folder = frame.interpreter.files.folders().front();
  for (int i = 1; i < level; ++i) folder /= "..";
  return folder;
}

/// The module that `from …name import` speaks of; a mere package for `from . import`.
Value relative_module(Frame& frame, const ast::ImportFrom& statement) {
  Interpreter& interpreter = frame.interpreter;
  const std::string name = statement.module.value_or("");
  if (interpreter.files.empty())
    raise(ErrorKind::ImportError, "attempted relative import with no known parent package");
  const auto folder = relative_folder(frame, statement.level);
  if (name.empty()) {
    auto package = make<Module>(interpreter.heap, std::string(statement.level, '.'));
    package->folder = folder.string();
    package->is_package = true;
    package->has_file = false;
    if (const Ref<Module> own = import_beside(interpreter, folder, "__init__")) {
      package->slots = own->slots;
      package->values = own->values;
    }
    return package;
  }
  if (Ref<Module> module = import_beside(interpreter, folder, name)) return module;
  return unknown_module(frame, std::string(statement.level, '.') + name);
}

/// What `from module import name` gives.
Value member(Frame& frame, const Value& from, const std::string& name) {
  Interpreter& interpreter = frame.interpreter;
  if (as_unknown(from)) return from.as<Opaque>().attribute(interpreter, Text(name));
  Module& module = from.as<Module>();
  Value value = module.get(interpreter, name);
  if (!value.is_set() && module.is_package)
    if (Ref<Module> inner = import_beside(interpreter, module.folder, name)) return inner;
  if (!value.is_set() && !module.has_file)
    return unknown_module(frame, module.name + (module.name.ends_with('.') ? "" : ".") + name);
  if (!value.is_set())
    raise(ErrorKind::ImportError, "cannot import name '{}' from '{}'", name, module.name);
  return value;
}

void import_all(Frame& frame, const Value& from) {
  Interpreter& interpreter = frame.interpreter;
  Module& into = *frame.code.module;
  if (as_unknown(from) || from.as<Module>().loader) return into.stars.push_back(from);
  Module& module = from.as<Module>();
  std::vector<std::string> names;
  if (const Value listed = module.get(interpreter, "__all__"); listed.is_set()) {
    for (const Value& name : elements_of(interpreter, listed))
      if (name.is(Kind::string)) names.push_back(text_of(name));
  } else {
    for (const auto& [name, slot] : module.slots)
      if (!name.starts_with("_")) names.push_back(name);
  }
  for (const std::string& name : names)
    if (Value value = module.get(interpreter, name); value.is_set())
      into.set(name, std::move(value));
  for (const Value& star : module.stars) into.stars.push_back(star);
}

}  // namespace

void import(Frame& frame, const ast::Alias& alias) {
  Value module = found_module(frame, alias.name);
  if (module.is(Kind::module) && !module.as<Module>().has_file)
    module = unknown_module(frame, alias.name);
  const std::size_t dot = alias.name.find('.');
  if (alias.asname) return store_name(frame, alias.id, *alias.asname, std::move(module));
  if (dot != std::string::npos) module = found_module(frame, alias.name.substr(0, dot));
  store_name(frame, alias.id, alias.name.substr(0, dot), std::move(module));
}

void import_from(Frame& frame, const ast::ImportFrom& statement) {
  const std::string name = statement.module.value_or("");
  if (name == "__future__") return;
  const Value module =
      statement.level > 0 ? relative_module(frame, statement) : found_module(frame, name);
  for (const auto& alias : statement.names) {
    if (alias.name == "*")
      import_all(frame, module);
    else
      store_name(frame, alias.id, alias.asname.value_or(alias.name),
                 member(frame, module, alias.name));
  }
}

Value find_starred(Interpreter& interpreter, const Module& module, const std::string& name) {
  // Builtins that NumPy has too, and does not export.
  constexpr std::string_view kept[] = {"abs", "bool",   "complex", "float", "int", "max",
                                       "min", "object", "pow",     "round", "str"};
  if (name.starts_with("_")) return {};
  for (std::size_t i = module.stars.size(); i-- > 0;) {
    if (!module.stars[i].is(Kind::module)) continue;
    Module& from = module.stars[i].as<Module>();
    if (from.name == "numpy" && std::find(std::begin(kept), std::end(kept), name) != std::end(kept))
      continue;
    Value found = from.get(interpreter, name);
    const bool is_hidden =
        from.name == "torch" && (found.is(Kind::dtype) || found.is(Kind::module));
    if (found.is_set() && !is_hidden) return found;
  }
  return {};
}

}  // namespace gradient_check::python
