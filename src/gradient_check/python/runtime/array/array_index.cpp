#include <ATen/TensorIndexing.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/flip.h>
#include <ATen/ops/full.h>
#include <ATen/ops/nonzero.h>

#include <cmath>

#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/array/ufunc.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/subscript.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check::python {
namespace {

using at::indexing::TensorIndex;

constexpr const char* invalid_index =
    "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean "
    "arrays are valid indices";

/// An index, read against an array: views are taken at once, arrays are left for LibTorch.
class ArrayIndex {
 public:
  ArrayIndex(Interpreter& interpreter, const at::Tensor& of)
      : view(of), interpreter_(interpreter) {}

  void read(const Value& index) {
    std::vector<Value> parts{index};
    if (const Tuple* tuple = index.get_if<Tuple>()) parts = tuple->elements;
    check_count(parts);
    for (const Value& part : parts) {
      const Array* array = as_array(part);
      beside_arrays_ = beside_arrays_ || part.is(Kind::list) || (array && array->tensor.dim() > 0);
    }
    for (std::size_t i = 0; i < parts.size(); ++i) read(parts, i);
    while (static_cast<std::int64_t>(advanced.size()) < view.dim())
      advanced.emplace_back(at::indexing::Slice());
  }

  at::Tensor view;
  bool has_arrays = false;
  bool is_element = true;  ///< integers only: the result, of no dimension, is a scalar
  bool keeps_dimension = false;
  std::vector<TensorIndex> advanced;  ///< for each dimension of the view

 private:
  std::int64_t dimension() const { return static_cast<std::int64_t>(advanced.size()); }

  /// How many dimensions a part takes.
  std::int64_t taken(const Value& part) {
    if (part.is_none() || part.is(Kind::ellipsis)) return 0;
    if (part.is(Kind::boolean)) return 0;
    if (const Array* array = as_array(part); array && array->tensor.scalar_type() == at::kBool)
      return array->tensor.dim();
    if (part.is(Kind::list)) {
      const at::Tensor tensor = to_array(interpreter_, part);
      return tensor.scalar_type() == at::kBool ? tensor.dim() : 1;
    }
    return 1;
  }
  void check_count(const std::vector<Value>& parts) {
    std::int64_t count = 0;
    for (const Value& part : parts) count += taken(part);
    ellipsis_ = view.dim() - count;
    if (ellipsis_ >= 0) return;
    raise(ErrorKind::IndexError,
          "too many indices for array: array is {}-dimensional, but {} were indexed", view.dim(),
          count);
  }

  void read(const std::vector<Value>& parts, std::size_t at) {
    const Value& part = parts[at];
    if (const Slice* slice = part.get_if<Slice>()) return take(*slice);
    if (part.is_none()) {
      is_element = false;
      view = view.unsqueeze(dimension());
      advanced.emplace_back(at::indexing::Slice());
    } else if (part.is(Kind::ellipsis)) {
      keeps_dimension = true;
      is_element = is_element && ellipsis_ == 0;
      for (std::int64_t i = 0; i < ellipsis_; ++i) advanced.emplace_back(at::indexing::Slice());
    } else if (part.is(Kind::integer)) {
      select(part.as_integer());
    } else if (const Array* array = as_array(part);
               array && array->tensor.dim() == 0 && category(array->tensor.scalar_type()) == 1) {
      select(*array->index());
    } else {
      take_array(part);
    }
  }

  /// Beside arrays an integer is an array too, which matters to the order of dimensions.
  void select(std::int64_t index) {
    if (beside_arrays_)
      return take_tensor(checked_indices(at::full({1}, index, at::TensorOptions(at::kLong))));
    const std::int64_t size = view.size(dimension());
    if (index < -size || index >= size)
      raise(ErrorKind::IndexError, "index {} is out of bounds for axis {} with size {}", index,
            axis_, size);
    view = view.select(dimension(), index);
    ++axis_;
  }

  void take(const Slice& slice) {
    is_element = false;
    const std::int64_t axis = dimension();
    const SliceRange range = resolved(interpreter_, slice, view.size(axis));
    if (range.step > 0)
      view = view.slice(axis, range.start, range.start + range.count * range.step, range.step);
    else if (range.count == 0)
      view = view.slice(axis, 0, 0);
    else  // LibTorch has no negative strides: a copy, where NumPy gives a view
      view = at::flip(view.slice(axis, range.start + (range.count - 1) * range.step,
                                 range.start + 1, -range.step),
                      {axis});
    if (range.step > 0 && range.count == 0) view = view.slice(axis, 0, 0);
    advanced.emplace_back(at::indexing::Slice());
    ++axis_;
  }

  void take_array(const Value& part) {
    if (!is_array_like(part) || part.is(Kind::real))
      raise_text(ErrorKind::IndexError, invalid_index);
    at::Tensor index = to_array(interpreter_, part);
    if (index.scalar_type() == at::kBool) return take_mask(index);
    if (index.numel() == 0) index = index.to(at::kLong);
    if (category(index.scalar_type()) != 1)
      raise_text(ErrorKind::IndexError, as_array(part)
                                            ? "arrays used as indices must be of integer "
                                              "(or boolean) type"
                                            : invalid_index);
    take_tensor(checked_indices(index.to(at::kLong)));
  }
  at::Tensor checked_indices(const at::Tensor& index) {
    const std::int64_t size = view.size(dimension());
    const at::Tensor flat = index.contiguous();
    const std::int64_t* at = flat.data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < flat.numel(); ++i)
      if (at[i] < -size || at[i] >= size)
        raise(ErrorKind::IndexError, "index {} is out of bounds for axis {} with size {}", at[i],
              axis_, size);
    return index;
  }
  void take_tensor(const at::Tensor& index) {
    has_arrays = true;
    is_element = false;
    advanced.emplace_back(index);
    ++axis_;
  }
  void take_mask(const at::Tensor& mask) {
    has_arrays = true;
    is_element = false;
    if (mask.dim() == 0) {
      view = view.unsqueeze(dimension());
      advanced.emplace_back(mask.reshape({1}).nonzero().select(1, 0));
      return;
    }
    for (std::int64_t i = 0; i < mask.dim(); ++i)
      if (mask.size(i) != view.size(dimension() + i))
        raise(ErrorKind::IndexError,
              "boolean index did not match indexed array along dimension {}; dimension is {} but "
              "corresponding boolean dimension is {}",
              axis_ + i, view.size(dimension() + i), mask.size(i));
    const at::Tensor places = at::nonzero(mask);
    for (std::int64_t i = 0; i < mask.dim(); ++i) {
      advanced.emplace_back(places.select(1, i));
      ++axis_;
    }
  }

  Interpreter& interpreter_;
  bool beside_arrays_ = false;
  std::int64_t ellipsis_ = 0;
  std::int64_t axis_ = 0;  ///< of the array, for messages
};

void check_index_shapes(const std::vector<TensorIndex>& indices) {
  std::vector<std::int64_t> common;
  std::string shapes;
  bool fits = true;
  for (const TensorIndex& index : indices) {
    if (!index.is_tensor()) continue;
    shapes += shape_text(index.tensor().sizes()) + " ";
    if (!fits) continue;
    const auto shape = common_shape(common, index.tensor().sizes());
    fits = !(shape.size() == 1 && shape[0] == -1);
    if (fits) common = shape;
  }
  if (!fits)
    raise(ErrorKind::IndexError,
          "shape mismatch: indexing arrays could not be broadcast together with shapes {}", shapes);
}

/// Numbers an array's elements can take: floats become integers as C does.
at::Tensor as_element_type(const at::Tensor& value, at::ScalarType type) {
  if (category(type) == 1 && category(value.scalar_type()) == 2 && value.numel() == 1) {
    const double number = value.item().toDouble();
    if (std::isnan(number)) value_error("cannot convert float NaN to integer");
  }
  return value.to(type);
}

}  // namespace

at::Tensor numbered_like(const at::Tensor& tensor) {
  return at::arange(tensor.numel(), at::TensorOptions(at::kLong)).reshape(tensor.sizes());
}

Value array_get_item(Interpreter& interpreter, const at::Tensor& tensor, const Value& index) {
  ArrayIndex reader(interpreter, tensor);
  reader.read(index);
  if (!reader.has_arrays) {
    const bool is_scalar = reader.view.dim() == 0 && reader.is_element && !reader.keeps_dimension;
    return is_scalar ? result_value(reader.view.clone()) : array_value(reader.view);
  }
  check_index_shapes(reader.advanced);
  return array_value(at::indexing::get_item(reader.view, reader.advanced));
}

void array_set_item(Interpreter& interpreter, const at::Tensor& tensor, const Value& index,
                    const at::Tensor& value) {
  ArrayIndex reader(interpreter, tensor);
  reader.read(index);
  at::Tensor target = reader.view;
  at::Tensor source = as_element_type(value, tensor.scalar_type());
  const auto check = [&](at::IntArrayRef shape) {
    while (source.dim() > static_cast<std::int64_t>(shape.size()) && source.size(0) == 1)
      source = source.squeeze(0);
    if (common_shape(source.sizes(), shape) == shape.vec()) return;
    if (target.dim() == 0 && source.dim() > 0)
      value_error("setting an array element with a sequence.");
    value_error("could not broadcast input array from shape {} into shape {}",
                shape_text(value.sizes()), shape_text(shape));
  };
  if (!reader.has_arrays) {
    check(target.sizes());
    if (target.is_same(tensor) || target.numel() > 0)
      target.copy_(source.data_ptr() == target.data_ptr() ? source.clone() : source);
    return;
  }
  check_index_shapes(reader.advanced);
  const auto shape = at::indexing::get_item(target, reader.advanced).sizes().vec();
  const bool is_mask = as_array(index) && as_array(index)->tensor.scalar_type() == at::kBool;
  if (is_mask && source.dim() == 1 && source.size(0) != 1 && source.size(0) != shape[0] &&
      shape.size() == 1)
    value_error(
        "NumPy boolean array indexing assignment cannot assign {} input values to the {} output "
        "values where the mask is true",
        source.size(0), shape[0]);
  if (common_shape(source.sizes(), shape) != shape)
    value_error(
        "shape mismatch: value array of shape {} could not be broadcast to indexing result of "
        "shape {}",
        shape_text(value.sizes()), shape_text(shape));
  at::indexing::set_item(target, reader.advanced, source.expand(shape).contiguous());
}

}  // namespace gradient_check::python
