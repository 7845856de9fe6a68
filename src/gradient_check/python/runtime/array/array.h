#pragma once

#include <ATen/core/Tensor.h>

#include "gradient_check/python/runtime/array/dtype.h"
#include "gradient_check/python/runtime/opaque.h"

namespace gradient_check::python {

class Interpreter;

/// A NumPy array: a tensor, for its storage and views, under NumPy's rules. Or an array scalar
/// (np.float64), which is a tensor of no dimension and behaves as Python's numbers do.
struct Array : Opaque {
  Array(at::Tensor its_tensor, bool as_scalar)
      : tensor(std::move(its_tensor)), is_scalar(as_scalar) {}
  const char* type_name() const override;
  std::string repr() const override;
  std::string str() const override;
  Value attribute(Interpreter& interpreter, const Text& name) override;
  bool set_attribute(Interpreter& interpreter, const Text& name, const Value& value) override;
  Value number() const override;
  std::optional<std::int64_t> index() const override;
  bool truth() const override;
  bool has_operators() const override { return true; }
  Value binary(Interpreter& interpreter, ast::BinaryOperator op, const Value& left,
               const Value& right, bool in_place) override;
  Value compare(Interpreter& interpreter, ast::ComparisonOperator op, const Value& left,
                const Value& right) override;
  Value unary(Interpreter& interpreter, ast::UnaryOperator op) override;
  bool is_sequence() const override { return !is_scalar; }
  std::int64_t length() const override;
  Value get_item(Interpreter& interpreter, const Value& index) override;
  void set_item(Interpreter& interpreter, const Value& index, const Value& value) override;

  at::Tensor tensor;
  const bool is_scalar;
};

/// The array or array scalar that a value is; null if none.
Array* as_array(const Value& value);
Value array_value(at::Tensor tensor);
/// What a ufunc gives: an array scalar where the tensor has no dimension.
Value result_value(at::Tensor tensor);
/// An element as a Python number.
Value python_number(const at::Tensor& element);

/// np.asarray(value): the array's own tensor, or one made of a number, tensor or nested sequence.
at::Tensor to_array(Interpreter& interpreter, const Value& value,
                    std::optional<at::ScalarType> type = std::nullopt);
/// Whether a value is what to_array takes without guessing: no str, no None.
bool is_array_like(const Value& value);

/// "(2, 3)", as in messages.
std::string shape_text(at::IntArrayRef shape);
Value shape_value(at::IntArrayRef shape);
/// An axis counted from the front. Raises AxisError.
std::int64_t checked_axis(std::int64_t axis, std::int64_t dimensions);
/// A shape argument: an int or a sequence of them.
std::vector<std::int64_t> to_shape(Interpreter& interpreter, const Value& value);

/// Elements as print() and repr() have them; see array_text.cpp.
std::string array_text(const at::Tensor& tensor, bool as_repr);
std::string scalar_text(const at::Tensor& tensor);

/// A view with the dimensions in reverse order.
at::Tensor reversed_axes(const at::Tensor& tensor);
/// An array of that shape with 0, 1, 2, … in it.
at::Tensor numbered_like(const at::Tensor& tensor);

/// Index as NumPy does: see array_index.cpp.
Value array_get_item(Interpreter& interpreter, const at::Tensor& tensor, const Value& index);
void array_set_item(Interpreter& interpreter, const at::Tensor& tensor, const Value& index,
                    const at::Tensor& value);

}  // namespace gradient_check::python
