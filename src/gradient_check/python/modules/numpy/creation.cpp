#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tril.h>
#include <ATen/ops/triu.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "gradient_check/python/modules/numpy/numpy_table.h"
#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/convert.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check::python {
namespace {

Value numpy_array(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("array",
                              "object, dtype=, *, copy=, order=, subok=, ndmin=", arguments);
  return guarded([&] {
    at::Tensor made = to_array(interpreter, parameters[0], to_array_dtype(parameters[1]));
    const bool shares = parameters.has(2) && !parameters[2].as_boolean();
    if (!shares) made = made.clone(at::MemoryFormat::Contiguous);
    while (made.dim() < parameters.integer(5, 0)) made = made.unsqueeze(0);
    return array_value(made);
  });
}

Value numpy_asarray(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("asarray", "a, dtype=, order=", arguments);
  return guarded([&]() -> Value {
    const Array* array = as_array(parameters[0]);
    const auto type = to_array_dtype(parameters[1]);
    if (array && !array->is_scalar && (!type || *type == array->tensor.scalar_type()))
      return parameters[0];
    return array_value(to_array(interpreter, parameters[0], type));
  });
}

Value filled_shape(Interpreter& interpreter, const char* name, const Arguments& arguments,
                   double with) {
  const Parameters parameters(name, "shape, dtype=, order=", arguments);
  return guarded([&] {
    const auto shape = to_shape(interpreter, parameters[0]);
    for (const std::int64_t size : shape)
      if (size < 0) value_error("negative dimensions are not allowed");
    return array_value(at::full(
        shape, with, at::TensorOptions(to_array_dtype(parameters[1]).value_or(at::kDouble))));
  });
}
Value numpy_zeros(Interpreter& interpreter, const Arguments& arguments) {
  return filled_shape(interpreter, "zeros", arguments, 0);
}
Value numpy_ones(Interpreter& interpreter, const Arguments& arguments) {
  return filled_shape(interpreter, "ones", arguments, 1);
}
Value numpy_empty(Interpreter& interpreter, const Arguments& arguments) {
  return filled_shape(interpreter, "empty", arguments, 0);
}

Value numpy_full(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("full", "shape, fill_value, dtype=, order=", arguments);
  return guarded([&] {
    const at::Tensor value = to_array(interpreter, parameters[1], to_array_dtype(parameters[2]));
    at::Tensor made = at::empty(to_shape(interpreter, parameters[0]), value.options());
    array_set_item(interpreter, made, Value::ellipsis(), value);
    return array_value(made);
  });
}

Value filled_like(Interpreter& interpreter, const char* name, const Arguments& arguments,
                  double with) {
  const Parameters parameters(name, "a, dtype=, order=, subok=, shape=", arguments);
  return guarded([&] {
    const at::Tensor model = to_array(interpreter, parameters[0]);
    const auto type = to_array_dtype(parameters[1]).value_or(model.scalar_type());
    const auto shape = parameters.has(4) && !parameters[4].is_none()
                           ? to_shape(interpreter, parameters[4])
                           : model.sizes().vec();
    return array_value(at::full(shape, with, at::TensorOptions(type)));
  });
}
Value numpy_zeros_like(Interpreter& interpreter, const Arguments& arguments) {
  return filled_like(interpreter, "zeros_like", arguments, 0);
}
Value numpy_ones_like(Interpreter& interpreter, const Arguments& arguments) {
  return filled_like(interpreter, "ones_like", arguments, 1);
}
Value numpy_full_like(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("full_like", "a, fill_value, dtype=", arguments);
  return guarded([&] {
    const at::Tensor model = to_array(interpreter, parameters[0]);
    at::Tensor made =
        at::zeros(model.sizes(),
                  at::TensorOptions(to_array_dtype(parameters[2]).value_or(model.scalar_type())));
    array_set_item(interpreter, made, Value::ellipsis(), to_array(interpreter, parameters[1]));
    return array_value(made);
  });
}

/// start + i * step, with the step that the first two elements have, as NumPy fills.
at::Tensor real_range(double start, double stop, double step) {
  const double length = std::ceil((stop - start) / step);
  const auto size = static_cast<std::int64_t>(std::max(0.0, length));
  at::Tensor made = at::empty({size}, at::TensorOptions(at::kDouble));
  double* to = made.data_ptr<double>();
  const double delta = (start + step) - start;
  for (std::int64_t i = 0; i < size; ++i)
    to[i] = i < 2 ? (i == 0 ? start : start + step) : start + static_cast<double>(i) * delta;
  return made;
}

Value numpy_arange(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("arange", "start, stop=, step=, dtype=", arguments);
  const bool only_stop = !parameters.has(1) || parameters[1].is_none();
  const Value start = only_stop ? Value::integer(0) : plain_number(parameters[0]);
  const Value stop = plain_number(parameters[only_stop ? 0 : 1]);
  const Value step = parameters.has(2) && !parameters[2].is_none() ? plain_number(parameters[2])
                                                                   : Value::integer(1);
  for (const Value* value : {&start, &stop, &step})
    if (!value->is_number()) type_error("arange() takes numbers, not {}", type_name(*value));
  if (step.as_real() == 0) throw Raised(ErrorKind::ZeroDivisionError, "division by zero");
  return guarded([&] {
    const bool whole = start.is_integral() && stop.is_integral() && step.is_integral();
    at::Tensor made = real_range(start.as_real(), stop.as_real(), step.as_real());
    const auto type = to_array_dtype(parameters[3]).value_or(whole ? at::kLong : at::kDouble);
    return array_value(made.to(type));
  });
}

Value numpy_eye(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("eye", "N, M=, k=, dtype=, order=", arguments);
  return guarded([&] {
    const std::int64_t rows = parameters.integer(0);
    const std::int64_t columns =
        parameters.has(1) && !parameters[1].is_none() ? parameters.integer(1) : rows;
    const std::int64_t k = parameters.integer(2, 0);
    const auto type = to_array_dtype(parameters[3]).value_or(at::kDouble);
    at::Tensor made = at::zeros({rows, columns}, at::TensorOptions(type));
    const bool inside = k < columns && -k < rows;
    if (inside) made.diagonal(k).fill_(1);
    return array_value(made);
  });
}
Value numpy_identity(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("identity", "n, dtype=", arguments);
  return guarded([&] {
    const auto type = to_array_dtype(parameters[1]).value_or(at::kDouble);
    return array_value(at::eye(parameters.integer(0), at::TensorOptions(type)));
  });
}

Value numpy_diag(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("diag", "v, k=", arguments);
  return guarded([&] {
    const at::Tensor v = to_array(interpreter, parameters[0]);
    const std::int64_t k = parameters.integer(1, 0);
    if (v.dim() == 2) return array_value(v.diagonal(k));
    if (v.dim() != 1) value_error("Input must be 1- or 2-d.");
    const std::int64_t size = v.size(0) + std::abs(k);
    at::Tensor made = at::zeros({size, size}, v.options());
    made.diagonal(k).copy_(v);
    return array_value(made);
  });
}
Value numpy_triu(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("triu", "m, k=", arguments);
  return guarded([&] {
    return array_value(at::triu(to_array(interpreter, parameters[0]), parameters.integer(1, 0)));
  });
}
Value numpy_tril(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("tril", "m, k=", arguments);
  return guarded([&] {
    return array_value(at::tril(to_array(interpreter, parameters[0]), parameters.integer(1, 0)));
  });
}

constexpr NativeRow creation_rows[] = {
    {"array", numpy_array},
    {"asarray", numpy_asarray},
    {"asanyarray", numpy_asarray},
    {"ascontiguousarray", numpy_asarray},
    {"zeros", numpy_zeros},
    {"ones", numpy_ones},
    {"empty", numpy_empty},
    {"full", numpy_full},
    {"zeros_like", numpy_zeros_like},
    {"ones_like", numpy_ones_like},
    {"empty_like", numpy_zeros_like},
    {"full_like", numpy_full_like},
    {"arange", numpy_arange},
    {"eye", numpy_eye},
    {"identity", numpy_identity},
    {"diag", numpy_diag},
    {"triu", numpy_triu},
    {"tril", numpy_tril},
};

}  // namespace

std::span<const NativeRow> numpy_creation() { return creation_rows; }

}  // namespace gradient_check::python
