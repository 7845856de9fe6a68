#include "gradient_check/python/modules/table.h"

#include "gradient_check/python/modules/library.h"

namespace gradient_check::python {
namespace {

struct ModuleRow {
  const char* name;
  void (*fill)(Interpreter&, Module&);
  Module::Loader load;
};

// A module's functions stand in its own file; a line here makes it importable.
constexpr ModuleRow module_rows[] = {
    {"math", fill_math, nullptr},
    {"_functools", fill_functools, nullptr},
    {"_files", fill_files, nullptr},
    {"typing", nullptr, load_typing},
    {"torch", nullptr, load_torch},
    {"torch.nn", nullptr, load_torch},
    {"torch.nn.functional", nullptr, load_torch},
    {"torch.linalg", nullptr, load_torch},
    {"torch.fft", nullptr, load_torch},
    {"torch.special", nullptr, load_torch},
    {"torch.autograd", nullptr, load_torch},
    {"numpy", nullptr, load_numpy},
    {"numpy._functions", fill_numpy_functions, nullptr},
    {"numpy.random", nullptr, load_numpy},
    {"numpy.linalg", nullptr, load_numpy},
};

struct MethodsRow {
  Kind kind;
  void (*add)(Class&);
};
constexpr MethodsRow methods_rows[] = {
    {Kind::string, add_text_methods},       {Kind::list, add_list_methods},
    {Kind::tuple, add_tuple_methods},       {Kind::dict, add_dict_methods},
    {Kind::set, add_set_methods},           {Kind::integer, add_number_methods},
    {Kind::real, add_number_methods},       {Kind::complex, add_number_methods},
    {Kind::iterator, add_iterator_methods}, {Kind::klass, add_class_methods},
    {Kind::bytes, add_bytes_methods},       {Kind::slice, add_slice_methods},
};

}  // namespace

Ref<Module> make_builtins(Interpreter& interpreter) {
  auto module = make<Module>(interpreter.heap, "builtins");
  add_builtin_functions(*module);
  add_iteration_functions(*module);
  add_builtin_types(interpreter, *module);
  add_object_methods(interpreter, *module);
  for (const auto& error : interpreter.errors) module->set(error->name, error);
  module->set("object", interpreter.object_class);
  module->set("NotImplemented", Value::not_implemented());
  module->set("Ellipsis", Value::ellipsis());
  module->set("__name__", Value::string("__main__"));
  module->set("__debug__", Value::boolean(true));
  return module;
}

Ref<Module> make_module(Interpreter& interpreter, const std::string& name) {
  for (const auto& row : module_rows) {
    if (name != row.name) continue;
    auto module = make<Module>(interpreter.heap, name, row.load);
    if (row.fill) row.fill(interpreter, *module);
    return module;
  }
  auto module = make<Module>(interpreter.heap, name);
  return run_library_module(interpreter, name, *module) ? module : nullptr;
}

Ref<Class> make_type(Interpreter& interpreter, const std::string& name, Kind kind) {
  if (kind == Kind::opaque && name.starts_with("numpy.")) return make_numpy_type(interpreter, name);
  const Ref<Class> base =
      name == "bool" ? interpreter.type("int", Kind::integer) : interpreter.object_class;
  auto type = make<Class>(interpreter.heap, name, std::vector{base});
  type->instances = kind;
  type->construct = constructor_of(name);
  for (const auto& row : methods_rows)
    if (row.kind == kind) row.add(*type);
  if (name == "torch._C.Generator") add_generator_methods(*type);
  switch (kind) {
    case Kind::list:
    case Kind::dict:
    case Kind::set:
    case Kind::tuple:
    case Kind::string:
      add_container_specials(*type, kind);
      break;
    default:
      break;
  }
  return type;
}

}  // namespace gradient_check::python
