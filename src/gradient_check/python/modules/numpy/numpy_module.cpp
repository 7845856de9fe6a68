#include <cmath>
#include <limits>
#include <numbers>

#include "gradient_check/python/modules/numpy/file_functions_source.h"
#include "gradient_check/python/modules/numpy/numpy_table.h"
#include "gradient_check/python/modules/numpy/product_functions_source.h"
#include "gradient_check/python/modules/numpy/random_state.h"
#include "gradient_check/python/modules/numpy/selection_functions_source.h"
#include "gradient_check/python/modules/numpy/shape_functions_source.h"
#include "gradient_check/python/modules/numpy/submodule_functions_source.h"
#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/array/ufunc.h"
#include "gradient_check/python/syntax/parser.h"

namespace gradient_check::python {
namespace {

Value row_named(std::span<const NativeRow> rows, const std::string& name) {
  for (const NativeRow& row : rows)
    if (name == row.name) return make<Builtin>(row.name, row.function);
  return {};
}

Value numpy_constant(const std::string& name) {
  if (name == "pi") return Value::real(std::numbers::pi);
  if (name == "e") return Value::real(std::numbers::e);
  if (name == "euler_gamma") return Value::real(std::numbers::egamma);
  if (name == "inf" || name == "Inf" || name == "Infinity" || name == "PINF" || name == "infty")
    return Value::real(std::numeric_limits<double>::infinity());
  if (name == "NINF") return Value::real(-std::numeric_limits<double>::infinity());
  if (name == "nan" || name == "NaN" || name == "NAN")
    return Value::real(std::numeric_limits<double>::quiet_NaN());
  if (name == "newaxis") return Value::none();
  if (name == "__version__") return Value::string("1.24.2");
  return {};
}

struct NumpyTypeRow {
  const char* name;
  const char* base;
};
/// Classes of scalars, each with what it derives from.
constexpr NumpyTypeRow numpy_type_rows[] = {
    {"generic", ""},
    {"number", "generic"},
    {"integer", "number"},
    {"signedinteger", "integer"},
    {"unsignedinteger", "integer"},
    {"inexact", "number"},
    {"floating", "inexact"},
    {"complexfloating", "inexact"},
    {"bool_", "generic"},
    {"uint8", "unsignedinteger"},
    {"int8", "signedinteger"},
    {"int16", "signedinteger"},
    {"int32", "signedinteger"},
    {"int64", "signedinteger"},
    {"float16", "floating"},
    {"float32", "floating"},
    {"float64", "floating"},
    {"complex64", "complexfloating"},
    {"complex128", "complexfloating"},
    {"ndarray", ""},
    {"dtype", ""},
    {"ufunc", ""},
};

/// np.float32(x), and arrays of such.
template <at::ScalarType type>
Value make_scalar(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("scalar", "x=, /", arguments);
  Value from = parameters.has(0) ? parameters[0] : Value::integer(0);
  if (from.is(Kind::string)) {
    Value text[] = {from};
    from = constructor_of("float")(interpreter, {text, 1});
  }
  return result_value(to_array(interpreter, from, type));
}

NativeFunction scalar_constructor(const std::string& name) {
  constexpr struct {
    const char* name;
    NativeFunction function;
  } rows[] = {
      {"bool_", make_scalar<at::kBool>},     {"uint8", make_scalar<at::kByte>},
      {"int8", make_scalar<at::kChar>},      {"int16", make_scalar<at::kShort>},
      {"int32", make_scalar<at::kInt>},      {"int64", make_scalar<at::kLong>},
      {"float16", make_scalar<at::kHalf>},   {"float32", make_scalar<at::kFloat>},
      {"float64", make_scalar<at::kDouble>},
  };
  for (const auto& row : rows)
    if (name == row.name) return row.function;
  return nullptr;
}

Value make_dtype(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("dtype", "dtype, align=, copy=", arguments);
  return dtype_value(to_array_dtype(parameters[0]).value_or(at::kDouble));
}

Value array_abs(Interpreter&, const Arguments& arguments) {
  return result_value(apply_unary(*find_ufunc("absolute"), as_array(arguments[0])->tensor));
}

Value numpy_type(Interpreter& interpreter, std::string name) {
  if (name == "bool8") name = "bool_";
  if (name != "bool" && name != "float" && name != "int" && name != "complex" && name.size() > 1)
    if (const auto type = array_dtype_named(name)) {
      name = array_dtype_name(*type);
      if (name == "bool") name = "bool_";
    }
  for (const NumpyTypeRow& row : numpy_type_rows)
    if (name == row.name) return interpreter.type("numpy." + name, Kind::opaque);
  return {};
}

Value numpy_function(Interpreter& interpreter, const std::string& name) {
  for (const auto rows :
       {numpy_creation(), numpy_shaping(), numpy_reductions(), numpy_ordering(), numpy_products()})
    if (Value found = row_named(rows, name); found.is_set()) return found;
  if (const UfuncRow* row = find_ufunc(name)) return make<Ufunc>(*row);
  return interpreter.import_module("numpy._functions")->get(interpreter, name);
}

}  // namespace

Ref<Class> make_numpy_type(Interpreter& interpreter, const std::string& name) {
  const std::string plain = name.substr(6);
  std::vector<Ref<Class>> bases;
  for (const NumpyTypeRow& row : numpy_type_rows)
    if (plain == row.name && *row.base)
      bases.push_back(interpreter.type(std::string("numpy.") + row.base, Kind::opaque));
  if (plain == "float64") bases.push_back(interpreter.type("float", Kind::real));
  if (bases.empty()) bases.push_back(interpreter.object_class);
  auto type = make<Class>(interpreter.heap, name, std::move(bases));
  type->instances = Kind::opaque;
  type->construct = plain == "dtype" ? make_dtype : scalar_constructor(plain);
  if (plain != "generic" && plain != "ndarray") return type;
  for (const auto rows : {array_methods(), array_shaping_methods(), array_ordering_methods()})
    for (const NativeRow& row : rows)
      type->attributes->set(row.name, make<Builtin>(row.name, row.function));
  type->attributes->set("__abs__", make<Builtin>("__abs__", array_abs));
  return type;
}

void fill_numpy_functions(Interpreter& interpreter, Module& module) {
  static const auto source = std::make_shared<SourceText>(
      "<numpy>", std::string(numpy_shape_functions) + numpy_selection_functions +
                     numpy_product_functions + numpy_submodule_functions + numpy_file_functions);
  static const ast::Module tree = parse(source);
  const auto code = interpreter.prepare(tree, module);
  interpreter.run(*code);
}

Value load_numpy(Interpreter& interpreter, Module& module, const std::string& name) {
  if (name.starts_with("_") && name != "__version__") return {};
  if (module.name == "numpy.random") {
    if (name == "RandomState") return make<Builtin>("RandomState", make_random_state);
    if (name == "default_rng" || name == "Generator")
      return interpreter.import_module("numpy._functions")->get(interpreter, name);
    return random_function(interpreter, module, name);
  }
  if (module.name == "numpy.linalg") {
    if (name == "LinAlgError") return interpreter.errors[static_cast<int>(ErrorKind::LinAlgError)];
    if (Value found = row_named(numpy_linalg(), name); found.is_set()) return found;
    return interpreter.import_module("numpy._functions")->get(interpreter, "linalg_" + name);
  }
  if (const auto submodule = interpreter.import_module("numpy." + name)) return submodule;
  if (Value found = numpy_constant(name); found.is_set()) return found;
  if (name == "AxisError") return interpreter.errors[static_cast<int>(ErrorKind::AxisError)];
  if (Value found = numpy_function(interpreter, name); found.is_set()) return found;
  return numpy_type(interpreter, name);
}

}  // namespace gradient_check::python
