#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <c10/core/DefaultDtype.h>
#include <torch/version.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>

#include "gradient_check/python/modules/library.h"
#include "gradient_check/python/modules/table.h"
#include "gradient_check/python/modules/torch/custom_function.h"
#include "gradient_check/python/modules/torch/ops.h"
#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/opaque.h"
#include "gradient_check/python/runtime/tensor/convert.h"
#include "gradient_check/python/runtime/tensor/device.h"
#include "gradient_check/python/runtime/tensor/generator_value.h"
#include "gradient_check/python/runtime/tensor/make_tensor.h"
#include "gradient_check/python/runtime/tensor/memory_format.h"
#include "gradient_check/python/runtime/tensor/operator_call.h"
#include "gradient_check/python/runtime/tensor/tensor_state.h"

namespace gradient_check::python {
namespace {

/// torch.no_grad() and its like: a context manager, and a decorator.
struct GradSwitch : Opaque {
  explicit GradSwitch(bool enables) : enabled(enables) {}
  const char* type_name() const override { return enabled ? "enable_grad" : "no_grad"; }
  void enter(Interpreter&) override {
    previous = at::GradMode::is_enabled();
    at::GradMode::set_enabled(enabled);
  }
  void exit(Interpreter&) override { at::GradMode::set_enabled(previous); }
  /// As a decorator: the function, run inside.
  Value call(Interpreter&, const Arguments& arguments) override;
  const bool enabled;
  bool previous = true;
};

struct SwitchedFunction : Opaque {
  SwitchedFunction(Value its_function, bool enables)
      : function(std::move(its_function)), enabled(enables) {}
  const char* type_name() const override { return "function"; }
  Value call(Interpreter& interpreter, const Arguments& arguments) override {
    const at::AutoGradMode mode(enabled);
    return python::call(interpreter, function, arguments);
  }
  void surrender(Condemned& condemned) override { function.surrender(condemned); }
  Value function;
  const bool enabled;
};

Value GradSwitch::call(Interpreter&, const Arguments& arguments) {
  return make<SwitchedFunction>(Parameters("no_grad", "function, /", arguments)[0], enabled);
}

Value torch_no_grad(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("no_grad", "function=, /", arguments);
  if (parameters.has(0)) return make<SwitchedFunction>(parameters[0], false);
  return make<GradSwitch>(false);
}
Value torch_enable_grad(Interpreter&, const Arguments&) { return make<GradSwitch>(true); }

Value torch_set_grad_mode(Interpreter&, const Arguments& arguments) {
  at::GradMode::set_enabled(Parameters("set_grad_enabled", "mode, /", arguments)[0].as_boolean());
  return Value::none();
}

Value torch_is_grad_enabled(Interpreter&, const Arguments&) {
  return Value::boolean(at::GradMode::is_enabled());
}

std::optional<at::ScalarType> dtype_argument(const Value& value) {
  if (!value.is_set() || value.is_none()) return std::nullopt;
  if (!value.is(Kind::dtype))
    type_error("argument 'dtype' must be torch.dtype, not {}", type_name(value));
  return static_cast<at::ScalarType>(value.as_integer());
}

Value torch_tensor(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("tensor",
                              "data, *, dtype=, device=, requires_grad=, pin_memory=", arguments);
  return guarded([&] {
    at::Tensor made = make_tensor(interpreter, parameters[0], dtype_argument(parameters[1]));
    if (parameters.has(3) && parameters[3].as_boolean()) made.requires_grad_(true);
    return value_of(made);
  });
}

Value torch_as_tensor(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("as_tensor", "data, dtype=, device=", arguments);
  return guarded([&] {
    const auto type = dtype_argument(parameters[1]);
    if (const Array* array = as_array(parameters[0]))
      return value_of(type ? array->tensor.to(*type) : array->tensor);
    if (!parameters[0].is(Kind::tensor))
      return value_of(make_tensor(interpreter, parameters[0], type));
    const at::Tensor tensor = tensor_of(parameters[0]);
    return value_of(type ? tensor.to(*type) : tensor);
  });
}

/// Shares the array's storage.
Value torch_from_numpy(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("from_numpy", "ndarray, /", arguments);
  const Array* array = as_array(parameters[0]);
  if (!array || array->is_scalar)
    type_error("expected np.ndarray (got {})", type_name(parameters[0]));
  return value_of(array->tensor);
}

/// torch.Size(iterable of ints)
Value torch_size(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("Size", "iterable=, /", arguments);
  std::vector<std::int64_t> sizes;
  if (parameters.has(0))
    for (const Value& size : elements_of(interpreter, parameters[0])) {
      if (!size.is_integral())
        type_error("torch.Size() takes an iterable of 'int' (item {} is '{}')", sizes.size(),
                   type_name(size));
      sizes.push_back(size.as_integer());
    }
  return make_size(sizes);
}

/// torch.Tensor(2, 3), of memory as it is; torch.Tensor(sequence)
Value tensor_of_type(Interpreter& interpreter, const Arguments& arguments, at::ScalarType type) {
  return guarded([&] {
    const bool sizes = std::all_of(arguments.values, arguments.values + arguments.count,
                                   [](const Value& value) { return value.is_integral(); });
    if (!sizes && arguments.count == 1)
      return value_of(make_tensor(interpreter, arguments[0], type));
    std::vector<std::int64_t> shape;
    for (std::size_t i = 0; i < arguments.count; ++i)
      shape.push_back(Parameters("Tensor", "size", {&arguments[i], 1}).integer(0));
    if (shape.empty()) shape.push_back(0);
    return value_of(at::empty(shape, at::TensorOptions().dtype(type)));
  });
}
Value torch_tensor_type(Interpreter& interpreter, const Arguments& arguments) {
  return tensor_of_type(interpreter, arguments, c10::get_default_dtype_as_scalartype());
}
Value torch_float_tensor(Interpreter& interpreter, const Arguments& arguments) {
  return tensor_of_type(interpreter, arguments, named_type(interpreter, at::kFloat));
}
Value torch_double_tensor(Interpreter& interpreter, const Arguments& arguments) {
  return tensor_of_type(interpreter, arguments, at::kDouble);
}
Value torch_long_tensor(Interpreter& interpreter, const Arguments& arguments) {
  return tensor_of_type(interpreter, arguments, at::kLong);
}

Value torch_is_tensor(Interpreter&, const Arguments& arguments) {
  return Value::boolean(Parameters("is_tensor", "obj, /", arguments)[0].is(Kind::tensor));
}

Value torch_manual_seed(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("manual_seed", "seed", arguments);
  auto generator = at::detail::getDefaultCPUGenerator();
  const std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_current_seed(static_cast<std::uint64_t>(parameters.integer(0)));
  return Value::none();
}

/// The seed that PyTorch gives them.
constexpr std::uint64_t generator_seed = 67280421310721;

/// torch.Generator(device="cpu"), seeded as PyTorch's are.
Value torch_generator(Interpreter&, const Arguments& arguments) {
  Parameters("Generator", "device=", arguments);
  return make<GeneratorValue>(at::make_generator<at::CPUGeneratorImpl>(generator_seed));
}

GeneratorValue& generator_of(const Value& self) {
  return static_cast<GeneratorValue&>(self.as<Opaque>());
}
Value generator_manual_seed(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("manual_seed", "self, seed, /", arguments);
  generator_of(parameters[0])
      .generator.set_current_seed(static_cast<std::uint64_t>(parameters.integer(1)));
  return parameters[0];
}
Value generator_initial_seed(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("initial_seed", "self, /", arguments);
  return Value::integer(
      static_cast<std::int64_t>(generator_of(parameters[0]).generator.current_seed()));
}

Value torch_device(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("device", "type, index=", arguments);
  const std::string& name = parameters.text(0);
  return make<DeviceValue>(name.substr(0, name.find(':')));
}

Value torch_get_default_dtype(Interpreter&, const Arguments&) {
  return Value::dtype(static_cast<int>(c10::get_default_dtype_as_scalartype()));
}

/// torch.einsum(equation, *operands)
Value torch_einsum(Interpreter& interpreter, const Arguments& arguments) {
  static const OperatorSet* einsum = find_operator("einsum");
  if (arguments.count >= 2 && arguments[1].is(Kind::tensor)) {
    std::vector<Value> operands(arguments.values + 1, arguments.values + arguments.positional());
    Value packed[] = {arguments[0], make<List>(interpreter.heap, std::move(operands))};
    return call_operator(interpreter, *einsum, false, {packed, 2});
  }
  return call_operator(interpreter, *einsum, false, arguments);
}

const std::map<std::string, NativeFunction>& functions() {
  static const std::map<std::string, NativeFunction> table{
      {"no_grad", torch_no_grad},
      {"inference_mode", torch_no_grad},
      {"enable_grad", torch_enable_grad},
      {"is_grad_enabled", torch_is_grad_enabled},
      {"_set_grad_enabled", torch_set_grad_mode},
      {"tensor", torch_tensor},
      {"as_tensor", torch_as_tensor},
      {"from_numpy", torch_from_numpy},
      {"is_tensor", torch_is_tensor},
      {"manual_seed", torch_manual_seed},
      {"device", torch_device},
      {"FloatTensor", torch_float_tensor},
      {"DoubleTensor", torch_double_tensor},
      {"LongTensor", torch_long_tensor},
      {"get_default_dtype", torch_get_default_dtype},
      {"einsum", torch_einsum},
      {"Generator", torch_generator},
      {"_apply_custom_function", apply_custom_function},
      {"_autograd_grad", autograd_grad},
  };
  return table;
}

const std::map<std::string, at::ScalarType>& dtypes() {
  static const std::map<std::string, at::ScalarType> table{{"float32", at::kFloat},
                                                           {"float", at::kFloat},
                                                           {"float64", at::kDouble},
                                                           {"double", at::kDouble},
                                                           {"float16", at::kHalf},
                                                           {"half", at::kHalf},
                                                           {"bfloat16", at::kBFloat16},
                                                           {"int64", at::kLong},
                                                           {"long", at::kLong},
                                                           {"int32", at::kInt},
                                                           {"int", at::kInt},
                                                           {"int16", at::kShort},
                                                           {"short", at::kShort},
                                                           {"int8", at::kChar},
                                                           {"uint8", at::kByte},
                                                           {"bool", at::kBool},
                                                           {"complex64", at::kComplexFloat},
                                                           {"complex128", at::kComplexDouble},
                                                           {"cfloat", at::kComplexFloat},
                                                           {"cdouble", at::kComplexDouble}};
  return table;
}

Value constant(const std::string& name) {
  if (name == "pi") return Value::real(std::numbers::pi);
  if (name == "e") return Value::real(std::numbers::e);
  if (name == "inf") return Value::real(std::numeric_limits<double>::infinity());
  if (name == "nan") return Value::real(std::numeric_limits<double>::quiet_NaN());
  if (name == "newaxis") return Value::none();
  if (name == "__version__") return Value::string(TORCH_VERSION);
  for (const auto& [format_name, format] :
       {std::pair{"contiguous_format", at::MemoryFormat::Contiguous},
        std::pair{"preserve_format", at::MemoryFormat::Preserve},
        std::pair{"channels_last", at::MemoryFormat::ChannelsLast},
        std::pair{"channels_last_3d", at::MemoryFormat::ChannelsLast3d}})
    if (name == format_name) return make<MemoryFormatValue>(format_name, format);
  return {};
}

Value operator_function(const std::string& name) {
  const OperatorSet* operators = find_operator(name);
  return operators ? Value(new TensorFunction(*operators, false)) : Value();
}

/// Operators of which Python has a function with other arguments, for library/torch/_functional.py.
Value internal_operator(const std::string& name) {
  constexpr const char* names[] = {"block_diag", "broadcast_tensors", "cartesian_prod", "cdist",
                                   "meshgrid",   "nonzero",           "norm",           "stft",
                                   "tensordot"};
  for (const char* known : names)
    if (name == known) return operator_function(name);
  const std::string own = "_" + name;  // LibTorch's own name begins so
  if (name == "lu_with_info" || name.rfind("upsample_nearest_exact", 0) == 0)
    return operator_function(own);
  return {};
}

/// What a module of library/torch defines in Python; unset if there is no such name.
Value in_python(Interpreter& interpreter, const std::string& module, const std::string& name) {
  return find_in_library(interpreter, "torch." + module, name);
}

}  // namespace

Value load_torch(Interpreter& interpreter, Module& module, const std::string& name) {
  if (const auto submodule = interpreter.import_module(module.name + "." + name))
    if (name[0] != '_') return submodule;
  if (module.name == "torch.linalg") return operator_function("linalg_" + name);
  if (module.name == "torch.fft") return operator_function("fft_" + name);
  if (module.name == "torch.special") return operator_function("special_" + name);
  if (module.name == "torch.autograd") return in_python(interpreter, "_autograd", name);
  if (module.name == "torch.nn") return in_python(interpreter, "_nn", name);
  if (module.name == "torch.nn.functional") {
    Value function = in_python(interpreter, "_functional", name);
    return function.is_set() ? function : operator_function(name);
  }
  if (name == "ops") return make_operator_namespaces();
  if (name == "Tensor") {
    const Ref<Class> tensor = interpreter.type("Tensor", Kind::tensor);
    tensor->construct = torch_tensor_type;
    return tensor;
  }
  if (name == "Size") {
    const Ref<Class> size = interpreter.type("Size", Kind::tuple);
    size->construct = torch_size;
    return size;
  }
  if (const auto dtype = dtypes().find(name); dtype != dtypes().end())
    return Value::dtype(static_cast<int>(named_type(interpreter, dtype->second)));
  if (const auto function = functions().find(name); function != functions().end())
    return make<Builtin>(function->first.c_str(), function->second);
  Value found = constant(name);
  if (!found.is_set() && name[0] == '_') return internal_operator(name.substr(1));
  if (!found.is_set()) found = in_python(interpreter, "_functional", "torch_" + name);
  return found.is_set() ? found : operator_function(name);
}

void add_generator_methods(Class& type) {
  constexpr NativeRow rows[] = {{"manual_seed", generator_manual_seed},
                                {"initial_seed", generator_initial_seed}};
  add_methods(type, rows);
}

const char* dtype_name(const Value& dtype) {
  for (const auto& [name, type] : dtypes())
    if (static_cast<int>(type) == dtype.as_integer() && std::isdigit(name.back()))
      return name.c_str();
  return "bool";
}

}  // namespace gradient_check::python
