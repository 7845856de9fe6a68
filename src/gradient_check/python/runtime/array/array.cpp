#include "gradient_check/python/runtime/array/array.h"

#include <ATen/ops/item.h>

#include <algorithm>
#include <string_view>

#include "gradient_check/python/runtime/array/array_operators.h"
#include "gradient_check/python/runtime/function.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/subscript.h"
#include "gradient_check/python/runtime/tensor/convert.h"

namespace gradient_check::python {
namespace {

const char* scalar_type_name(at::ScalarType type) {
  switch (type) {
    case at::kBool:
      return "numpy.bool_";
    case at::kByte:
      return "numpy.uint8";
    case at::kChar:
      return "numpy.int8";
    case at::kShort:
      return "numpy.int16";
    case at::kInt:
      return "numpy.int32";
    case at::kLong:
      return "numpy.int64";
    case at::kHalf:
      return "numpy.float16";
    case at::kFloat:
      return "numpy.float32";
    case at::kDouble:
      return "numpy.float64";
    case at::kComplexFloat:
      return "numpy.complex64";
    default:
      return "numpy.complex128";
  }
}

Value tuple_of_integers(at::IntArrayRef numbers, std::int64_t times = 1) {
  std::vector<Value> values;
  for (const std::int64_t number : numbers) values.push_back(Value::integer(number * times));
  return make<Tuple>(std::move(values));
}

/// Methods that are NumPy's function of the same name, with the array first.
constexpr std::string_view function_methods[] = {
    "all",    "any",      "argmax", "argmin", "argsort",     "clip", "copy",    "cumprod",
    "cumsum", "diagonal", "dot",    "max",    "mean",        "min",  "nonzero", "prod",
    "ptp",    "ravel",    "repeat", "round",  "squeeze",     "std",  "sum",     "swapaxes",
    "take",   "trace",    "var",    "conj",   "searchsorted"};

Value delegated_method(Interpreter& interpreter, Array& array, const Text& name) {
  if (std::find(std::begin(function_methods), std::end(function_methods), name.text) ==
      std::end(function_methods))
    return {};
  Value function = interpreter.import_module("numpy")->get(interpreter, name.text);
  if (!function.is_set()) return {};
  return make<BoundMethod>(interpreter.heap, Value(&array), std::move(function));
}

}  // namespace

const char* Array::type_name() const {
  return is_scalar ? scalar_type_name(tensor.scalar_type()) : "numpy.ndarray";
}
std::string Array::repr() const {
  return is_scalar ? scalar_text(tensor) : array_text(tensor, true);
}
std::string Array::str() const {
  return is_scalar ? scalar_text(tensor) : array_text(tensor, false);
}

Value Array::attribute(Interpreter& interpreter, const Text& name) {
  const std::string& text = name.text;
  if (text == "shape") return shape_value(tensor.sizes());
  if (text == "T") return is_scalar ? Value(this) : array_value(reversed_axes(tensor));
  if (text == "dtype") return dtype_value(tensor.scalar_type());
  if (text == "ndim") return Value::integer(tensor.dim());
  if (text == "size") return Value::integer(tensor.numel());
  const auto bytes = static_cast<std::int64_t>(tensor.element_size());
  if (text == "itemsize") return Value::integer(bytes);
  if (text == "nbytes") return Value::integer(bytes * tensor.numel());
  if (text == "strides") return tuple_of_integers(tensor.strides(), bytes);
  if (text == "real" && category(tensor.scalar_type()) < 3) return Value(this);
  if (text == "flat" && !is_scalar) return array_value(tensor.reshape({-1}));
  if (text == "base") return Value::none();
  return delegated_method(interpreter, *this, name);
}

bool Array::set_attribute(Interpreter& interpreter, const Text& name, const Value& value) {
  if (name.text != "shape" || is_scalar) return false;
  guarded([&] { tensor = tensor.view(to_shape(interpreter, value)); });
  return true;
}

Value Array::number() const {
  if (tensor.numel() != 1) {
    if (is_scalar) return {};
    type_error("only size-1 arrays can be converted to Python scalars");
  }
  if (tensor.dim() > 0) return python_number(tensor.reshape({}));
  return python_number(tensor);
}
std::optional<std::int64_t> Array::index() const {
  if (tensor.dim() != 0 || category(tensor.scalar_type()) != 1) {
    if (!is_scalar) type_error("only integer scalar arrays can be converted to a scalar index");
    return std::nullopt;
  }
  return tensor.item().toLong();
}
bool Array::truth() const {
  if (tensor.numel() == 0) return false;
  if (tensor.numel() > 1)
    value_error(
        "The truth value of an array with more than one element is ambiguous. Use a.any() or "
        "a.all()");
  return tensor.is_nonzero();
}

Value Array::binary(Interpreter& interpreter, ast::BinaryOperator op, const Value& left,
                    const Value& right, bool in_place) {
  return guarded([&] { return array_binary(interpreter, op, left, right, in_place); });
}
Value Array::compare(Interpreter& interpreter, ast::ComparisonOperator op, const Value& left,
                     const Value& right) {
  return guarded([&] { return array_compare(interpreter, op, left, right); });
}
Value Array::unary(Interpreter& interpreter, ast::UnaryOperator op) {
  return guarded([&] { return array_unary(interpreter, op, *this); });
}

std::int64_t Array::length() const {
  if (tensor.dim() == 0) type_error("{}", "len() of unsized object");
  return tensor.size(0);
}
Value Array::get_item(Interpreter& interpreter, const Value& index) {
  return guarded([&]() -> Value {
    if (is_scalar && !(index.is(Kind::ellipsis) || index.is(Kind::tuple) || index.is_none()))
      raise(ErrorKind::IndexError, "invalid index to scalar variable.");
    return array_get_item(interpreter, tensor, index);
  });
}
void Array::set_item(Interpreter& interpreter, const Value& index, const Value& value) {
  if (is_scalar) type_error("'{}' object does not support item assignment", type_name());
  guarded([&] { array_set_item(interpreter, tensor, index, to_array(interpreter, value)); });
}

Array* as_array(const Value& value) { return dynamic_cast<Array*>(value.get_if<Opaque>()); }
Value array_value(at::Tensor tensor) { return make<Array>(std::move(tensor), false); }
Value result_value(at::Tensor tensor) {
  const bool is_scalar = tensor.dim() == 0;
  return make<Array>(std::move(tensor), is_scalar);
}
Value python_number(const at::Tensor& element) { return from_scalar(element.item()); }

at::Tensor reversed_axes(const at::Tensor& tensor) {
  std::vector<std::int64_t> order;
  for (std::int64_t axis = tensor.dim(); axis-- > 0;) order.push_back(axis);
  return tensor.permute(order);
}

std::string shape_text(at::IntArrayRef shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? "," : "") + std::to_string(shape[i]);
  return text + (shape.size() == 1 ? ",)" : ")");
}
Value shape_value(at::IntArrayRef shape) { return tuple_of_integers(shape); }

std::int64_t checked_axis(std::int64_t axis, std::int64_t dimensions) {
  if (axis < -dimensions || axis >= dimensions)
    raise(ErrorKind::AxisError, "axis {} is out of bounds for array of dimension {}", axis,
          dimensions);
  return axis < 0 ? axis + dimensions : axis;
}

std::vector<std::int64_t> to_shape(Interpreter& interpreter, const Value& value) {
  const auto whole = [&](const Value& number) {
    if (number.is_integral() || as_array(number))
      if (const auto index = as_index(interpreter, number)) return *index;
    type_error("'{}' object cannot be interpreted as an integer", python::type_name(number));
  };
  const std::vector<Value>* elements = nullptr;
  if (const List* list = value.get_if<List>()) elements = &list->elements;
  if (const Tuple* tuple = value.get_if<Tuple>()) elements = &tuple->elements;
  if (!elements) {
    if (const Array* array = as_array(value); array && array->tensor.dim() == 1) {
      std::vector<std::int64_t> shape;
      for (std::int64_t i = 0; i < array->tensor.size(0); ++i)
        shape.push_back(array->tensor.select(0, i).item().toLong());
      return shape;
    }
    return {whole(value)};
  }
  std::vector<std::int64_t> shape;
  for (const Value& element : *elements) shape.push_back(whole(element));
  return shape;
}

}  // namespace gradient_check::python
