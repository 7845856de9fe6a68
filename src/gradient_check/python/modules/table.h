#pragma once

#include <string>

#include "gradient_check/python/runtime/interpreter.h"

/// All that a program can reach: what stands in no table here does not exist for it.
namespace gradient_check::python {

/// What every program knows without importing it.
Ref<Module> make_builtins(Interpreter& interpreter);
/// The module of that name, with dots; null where there is none.
Ref<Module> make_module(Interpreter& interpreter, const std::string& name);
/// The class of built-in values, with its methods.
Ref<Class> make_type(Interpreter& interpreter, const std::string& name, Kind kind);

/// One row of a table of functions or methods.
struct NativeRow {
  const char* name;
  NativeFunction function;
};

template <std::size_t count>
void add_functions(Module& module, const NativeRow (&rows)[count]) {
  for (const auto& [name, function] : rows) module.set(name, make<Builtin>(name, function));
}
template <std::size_t count>
void add_methods(Class& type, const NativeRow (&rows)[count]) {
  for (const auto& [name, function] : rows)
    type.attributes->set(name, make<Builtin>(name, function));
}

// One file each.
void add_builtin_functions(Module& module);
void add_iteration_functions(Module& module);
void add_builtin_types(Interpreter& interpreter, Module& module);
/// sorted(iterable, key, reverse), and list.sort.
Value sorted_list(Interpreter& interpreter, const Arguments& arguments);
Value list_sort(Interpreter& interpreter, const Arguments& arguments);
NativeFunction constructor_of(const std::string& type);
void add_object_methods(Interpreter& interpreter, Module& module);
void add_class_methods(Class& type);
void add_container_specials(Class& type, Kind kind);
void add_bytes_methods(Class& type);
void add_slice_methods(Class& type);
void add_text_part_methods(Class& type);
void add_text_methods(Class& type);
void add_list_methods(Class& type);
void add_tuple_methods(Class& type);
void add_dict_methods(Class& type);
void add_set_methods(Class& type);
void add_number_methods(Class& type);
void add_iterator_methods(Class& type);
void fill_math(Interpreter& interpreter, Module& module);
void fill_files(Interpreter& interpreter, Module& module);
void fill_functools(Interpreter& interpreter, Module& module);
Value load_typing(Interpreter& interpreter, Module& module, const std::string& name);
void fill_numpy_functions(Interpreter& interpreter, Module& module);
Value load_numpy(Interpreter& interpreter, Module& module, const std::string& name);
/// The class of arrays, of one dtype's scalars, or of several dtypes: "numpy.ndarray",
/// "numpy.float64", "numpy.floating".
Ref<Class> make_numpy_type(Interpreter& interpreter, const std::string& name);
/// Of a torch.Generator.
void add_generator_methods(Class& type);
Value load_torch(Interpreter& interpreter, Module& module, const std::string& name);

}  // namespace gradient_check::python
