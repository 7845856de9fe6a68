#include "gradient_check/python/modules/numpy/numpy_table.h"
#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check::python {
namespace {

const at::Tensor& self_of(const Arguments& arguments) {
  const Array* array = arguments.count > 0 ? as_array(arguments[0]) : nullptr;
  if (!array) type_error("descriptor requires a 'numpy.ndarray' object");
  return array->tensor;
}

Value array_astype(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("astype", "self, dtype, order=, casting=, subok=, copy=", arguments);
  const Array& self = *as_array(arguments[0]);
  const auto type = to_array_dtype(parameters[1]).value_or(at::kDouble);
  return guarded(
      [&]() -> Value { return make<Array>(self.tensor.to(type, false, true), self.is_scalar); });
}

Value nested_list(Interpreter& interpreter, const at::Tensor& tensor) {
  if (tensor.dim() == 0) return python_number(tensor);
  auto list = make<List>(interpreter.heap);
  for (std::int64_t i = 0; i < tensor.size(0); ++i)
    list->elements.push_back(nested_list(interpreter, tensor.select(0, i)));
  return list;
}
Value array_tolist(Interpreter& interpreter, const Arguments& arguments) {
  return nested_list(interpreter, self_of(arguments));
}

/// a.item(), a.item(3), a.item(1, 2)
Value array_item(Interpreter& interpreter, const Arguments& arguments) {
  const at::Tensor& self = self_of(arguments);
  if (arguments.count == 1) {
    if (self.numel() != 1) value_error("can only convert an array of size 1 to a Python scalar");
    return python_number(self.reshape({}));
  }
  Value index = arguments[1];
  if (arguments.count > 2)
    index =
        make<Tuple>(std::vector<Value>(arguments.values + 1, arguments.values + arguments.count));
  const at::Tensor from =
      arguments.count == 2 && !index.is(Kind::tuple) ? self.reshape({-1}) : self;
  return python_number(as_array(array_get_item(interpreter, from, index))->tensor);
}

Value array_fill(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("fill", "self, value, /", arguments);
  array_set_item(interpreter, self_of(arguments), Value::ellipsis(),
                 to_array(interpreter, parameters[1]));
  return Value::none();
}

Value array_view(Interpreter&, const Arguments& arguments) {
  return array_value(self_of(arguments).alias());
}

Value scalar_is_integer(Interpreter&, const Arguments& arguments) {
  const double number = self_of(arguments).item().toDouble();
  return Value::boolean(number == static_cast<double>(static_cast<std::int64_t>(number)));
}

constexpr NativeRow array_method_rows[] = {
    {"astype", array_astype}, {"tolist", array_tolist}, {"item", array_item},
    {"fill", array_fill},     {"view", array_view},     {"is_integer", scalar_is_integer},
};

}  // namespace

std::span<const NativeRow> array_methods() { return array_method_rows; }

}  // namespace gradient_check::python
