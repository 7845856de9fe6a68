#include <ATen/ops/broadcast_to.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/repeat_interleave.h>
#include <ATen/ops/roll.h>
#include <ATen/ops/where.h>

#include <algorithm>

#include "gradient_check/python/modules/numpy/numpy_table.h"
#include "gradient_check/python/runtime/array/reduction.h"
#include "gradient_check/python/runtime/array/ufunc.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check::python {
namespace {

/// A shape argument as reshape()'s message has it: "(2,newaxis)".
std::string asked_shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = shape_text(shape);
  if (const auto at = text.find("-1"); at != std::string::npos) text.replace(at, 2, "newaxis");
  return text;
}

at::Tensor reshaped_array(const at::Tensor& tensor, std::vector<std::int64_t> shape,
                          bool by_columns) {
  std::int64_t known = 1, unknown = 0;
  for (const std::int64_t size : shape) size < 0 ? ++unknown : known *= size;
  if (unknown > 1) value_error("can only specify one unknown dimension");
  const bool fits =
      unknown == 1 ? known != 0 && tensor.numel() % known == 0 : known == tensor.numel();
  if (!fits)
    value_error("cannot reshape array of size {} into shape {}", tensor.numel(),
                asked_shape_text(shape));
  for (std::int64_t& size : shape)
    if (size < 0) size = tensor.numel() / known;
  if (!by_columns) return tensor.reshape(shape);
  std::reverse(shape.begin(), shape.end());
  return reversed_axes(reversed_axes(tensor).reshape(shape));
}

/// Whether order="F" is among the keywords, which no other may be beside.
bool takes_columns(const Arguments& arguments) {
  for (std::size_t k = 0; k < arguments.keywords; ++k)
    if (arguments.name(k) == "order") return text_of(arguments.named(k)) == "F";
  return false;
}

Value numpy_reshape(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("reshape", "a, newshape, order=", arguments);
  return guarded([&] {
    return array_value(reshaped_array(to_array(interpreter, parameters[0]),
                                      to_shape(interpreter, parameters[1]),
                                      takes_columns(arguments)));
  });
}
/// a.reshape(2, 3) or a.reshape((2, 3))
Value array_reshape(Interpreter& interpreter, const Arguments& arguments) {
  return guarded([&] {
    const at::Tensor self = as_array(arguments[0])->tensor;
    std::vector<std::int64_t> shape;
    if (arguments.positional() == 2)
      shape = to_shape(interpreter, arguments[1]);
    else
      for (std::size_t i = 1; i < arguments.positional(); ++i)
        shape.push_back(to_shape(interpreter, arguments[i]).front());
    return array_value(reshaped_array(self, shape, takes_columns(arguments)));
  });
}

Value numpy_ravel(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("ravel", "a, order=", arguments);
  return guarded([&] {
    return array_value(
        reshaped_array(to_array(interpreter, parameters[0]), {-1}, takes_columns(arguments)));
  });
}
Value array_flatten(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("flatten", "self, order=", arguments);
  const at::Tensor& self = as_array(arguments[0])->tensor;
  if (self.numel() == 0) return array_value(self.reshape({0}));
  return array_value(
      reshaped_array(self, {-1}, parameters.has(1) && parameters.text(1) == "F").clone());
}

at::Tensor transposed_array(const at::Tensor& tensor, const std::vector<std::int64_t>& axes) {
  if (static_cast<std::int64_t>(axes.size()) != tensor.dim()) value_error("axes don't match array");
  std::vector<std::int64_t> order;
  for (const std::int64_t axis : axes) {
    order.push_back(checked_axis(axis, tensor.dim()));
    if (std::count(order.begin(), order.end(), order.back()) > 1)
      value_error("repeated axis in transpose");
  }
  return tensor.permute(order);
}
Value numpy_transpose(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("transpose", "a, axes=", arguments);
  return guarded([&] {
    const at::Tensor a = to_array(interpreter, parameters[0]);
    if (!parameters.has(1) || parameters[1].is_none()) return array_value(reversed_axes(a));
    return array_value(transposed_array(a, to_shape(interpreter, parameters[1])));
  });
}
Value array_transpose(Interpreter& interpreter, const Arguments& arguments) {
  return guarded([&] {
    const at::Tensor self = as_array(arguments[0])->tensor;
    if (arguments.count == 1 || arguments[1].is_none()) return array_value(reversed_axes(self));
    std::vector<std::int64_t> axes;
    if (arguments.count == 2)
      axes = to_shape(interpreter, arguments[1]);
    else
      for (std::size_t i = 1; i < arguments.count; ++i)
        axes.push_back(to_shape(interpreter, arguments[i]).front());
    return array_value(transposed_array(self, axes));
  });
}

Value numpy_expand_dims(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("expand_dims", "a, axis", arguments);
  return guarded([&] {
    at::Tensor a = to_array(interpreter, parameters[0]);
    const auto axes = to_shape(interpreter, parameters[1]);
    const auto dimensions = a.dim() + static_cast<std::int64_t>(axes.size());
    std::vector<std::int64_t> places;
    for (const std::int64_t axis : axes) places.push_back(checked_axis(axis, dimensions));
    std::sort(places.begin(), places.end());
    for (const std::int64_t place : places) a = a.unsqueeze(place);
    return array_value(a);
  });
}
Value numpy_squeeze(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("squeeze", "a, axis=", arguments);
  return guarded([&]() -> Value {
    const Array* scalar = as_array(parameters[0]);
    if (scalar && scalar->is_scalar) return parameters[0];
    const at::Tensor a = to_array(interpreter, parameters[0]);
    if (!parameters.has(1) || parameters[1].is_none()) return array_value(a.squeeze());
    const auto axes = to_axes(interpreter, parameters[1], a.dim());
    for (const std::int64_t axis : axes)
      if (a.size(axis) != 1)
        value_error("cannot select an axis to squeeze out which has size not equal to one");
    return array_value(without_axes(a, axes));
  });
}

std::vector<at::Tensor> arrays_of(Interpreter& interpreter, const Value& sequence) {
  std::vector<at::Tensor> arrays;
  std::vector<PromotedOperand> types;
  for (const Value& element : elements_of(interpreter, sequence)) {
    arrays.push_back(to_array(interpreter, element));
    types.push_back({arrays.back().scalar_type(), arrays.back().dim() > 0});
  }
  if (arrays.empty()) value_error("need at least one array to concatenate");
  const at::ScalarType type = result_dtype(types);
  for (at::Tensor& array : arrays) array = array.to(type);
  return arrays;
}

void check_concatenated(const std::vector<at::Tensor>& arrays, std::int64_t axis) {
  const at::Tensor& first = arrays[0];
  for (std::size_t i = 1; i < arrays.size(); ++i) {
    if (arrays[i].dim() != first.dim())
      value_error(
          "all the input array dimensions except for the concatenation axis must match exactly, "
          "but along dimension {}, the array at index 0 has {} dimension(s) and the array at index "
          "{} has {} dimension(s)",
          0, first.dim(), i, arrays[i].dim());
    for (std::int64_t k = 0; k < first.dim(); ++k)
      if (k != axis && arrays[i].size(k) != first.size(k))
        value_error(
            "all the input array dimensions except for the concatenation axis must match exactly, "
            "but along dimension {}, the array at index 0 has size {} and the array at index {} "
            "has size {}",
            k, first.size(k), i, arrays[i].size(k));
  }
}

Value numpy_concatenate(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("concatenate", "arrays, axis=, out=, dtype=", arguments);
  return guarded([&] {
    std::vector<at::Tensor> arrays = arrays_of(interpreter, parameters[0]);
    if (parameters.has(1) && parameters[1].is_none()) {
      for (at::Tensor& array : arrays) array = array.reshape({-1});
      return array_value(at::cat(arrays, 0));
    }
    if (arrays[0].dim() == 0) value_error("zero-dimensional arrays cannot be concatenated");
    const std::int64_t axis = checked_axis(parameters.integer(1, 0), arrays[0].dim());
    for (std::size_t i = 1; i < arrays.size(); ++i)
      if (arrays[i].dim() != arrays[0].dim())
        value_error(
            "all the input arrays must have same number of dimensions, but the array at index 0 "
            "has {} dimension(s) and the array at index {} has {} dimension(s)",
            arrays[0].dim(), i, arrays[i].dim());
    check_concatenated(arrays, axis);
    return array_value(at::cat(arrays, axis));
  });
}

Value numpy_repeat(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("repeat", "a, repeats, axis=", arguments);
  return guarded([&] {
    at::Tensor a = to_array(interpreter, parameters[0]);
    std::int64_t axis = 0;
    if (parameters.has(2) && !parameters[2].is_none())
      axis = checked_axis(parameters.integer(2), a.dim());
    else
      a = a.reshape({-1});
    const at::Tensor repeats = to_array(interpreter, parameters[1]).to(at::kLong);
    if (repeats.numel() == 1)
      return array_value(at::repeat_interleave(a, repeats.item().toLong(), axis));
    return array_value(at::repeat_interleave(a, repeats, axis));
  });
}

Value numpy_roll(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("roll", "a, shift, axis=", arguments);
  return guarded([&] {
    const at::Tensor a = to_array(interpreter, parameters[0]);
    auto shifts = to_shape(interpreter, parameters[1]);
    if (!parameters.has(2) || parameters[2].is_none())
      return array_value(at::roll(a.reshape({-1}), shifts).reshape(a.sizes()));
    const auto axes = to_axes(interpreter, parameters[2], a.dim());
    if (shifts.size() == 1) shifts.resize(axes.size(), shifts[0]);
    return array_value(at::roll(a, shifts, axes));
  });
}

Value numpy_broadcast_to(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("broadcast_to", "array, shape", arguments);
  return guarded([&] {
    const at::Tensor array = to_array(interpreter, parameters[0]);
    const auto shape = to_shape(interpreter, parameters[1]);
    if (common_shape(array.sizes(), shape) != shape)
      value_error(
          "operands could not be broadcast together with remapped shapes "
          "[original->remapped]: {}  and requested shape {}",
          shape_text(array.sizes()), shape_text(shape));
    return array_value(array.expand(shape));
  });
}

Value numpy_where(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("where", "condition, x=, y=, /", arguments);
  return guarded([&]() -> Value {
    at::Tensor condition = to_array(interpreter, parameters[0], at::kBool);
    if (!parameters.has(1)) {
      std::vector<Value> places;
      const at::Tensor found = condition.nonzero();
      for (std::int64_t i = 0; i < condition.dim(); ++i)
        places.push_back(array_value(found.select(1, i).contiguous()));
      return make<Tuple>(std::move(places));
    }
    if (!parameters.has(2)) value_error("either both or neither of x and y should be given");
    const at::Tensor x = to_array(interpreter, parameters[1]);
    const at::Tensor y = to_array(interpreter, parameters[2]);
    const at::ScalarType type =
        result_dtype({{x.scalar_type(), x.dim() > 0}, {y.scalar_type(), y.dim() > 0}});
    const auto of_values = common_shape(x.sizes(), y.sizes());
    const auto shape = common_shape(condition.sizes(), of_values);
    const std::vector<std::int64_t> none{-1};
    if (of_values == none || shape == none)
      value_error("operands could not be broadcast together with shapes {} {} {} ",
                  shape_text(condition.sizes()), shape_text(x.sizes()), shape_text(y.sizes()));
    return array_value(
        at::where(condition.expand(shape), x.to(type).expand(shape), y.to(type).expand(shape)));
  });
}

constexpr NativeRow shaping_rows[] = {
    {"reshape", numpy_reshape},
    {"ravel", numpy_ravel},
    {"transpose", numpy_transpose},
    {"expand_dims", numpy_expand_dims},
    {"squeeze", numpy_squeeze},
    {"concatenate", numpy_concatenate},
    {"repeat", numpy_repeat},
    {"roll", numpy_roll},
    {"broadcast_to", numpy_broadcast_to},
    {"where", numpy_where},
};
constexpr NativeRow shaping_method_rows[] = {
    {"reshape", array_reshape}, {"transpose", array_transpose}, {"flatten", array_flatten}};

}  // namespace

std::span<const NativeRow> numpy_shaping() { return shaping_rows; }
std::span<const NativeRow> array_shaping_methods() { return shaping_method_rows; }

}  // namespace gradient_check::python
