#include "gradient_check/python/runtime/array/ufunc.h"

#include <algorithm>

#include "gradient_check/python/runtime/interpreter.h"

namespace gradient_check::python {
namespace {

at::ScalarType computed_type(const UfuncRow& row, at::ScalarType common) {
  switch (row.types) {
    case UfuncTypes::real:
      // NumPy divides small integers as float64, though it takes their root as float16.
      return row.binary && category(common) < 2 ? at::kDouble : float_beside(common);
    case UfuncTypes::bools:
      return at::kBool;
    case UfuncTypes::whole:
      if (category(common) < 2) return common;
      type_error(
          "ufunc '{}' not supported for the input types, and the inputs could not be safely "
          "coerced to any supported types according to the casting rule ''safe''",
          row.name);
    default:
      return common;
  }
}

/// NumPy's rule for writing results: no float into integers, no integer into bools.
void check_output(const UfuncRow& row, at::ScalarType from, at::ScalarType to) {
  if (category(from) <= category(to)) return;
  raise(ErrorKind::UFuncTypeError,
        "Cannot cast ufunc '{}' output from dtype('{}') to dtype('{}') with casting rule "
        "'same_kind'",
        row.name, array_dtype_name(from), array_dtype_name(to));
}

}  // namespace

const UfuncRow* find_ufunc(const std::string& name) {
  const UfuncRow* row = find_binary_ufunc(name);
  return row ? row : find_unary_ufunc(name);
}

void check_ufunc_operand(const UfuncRow& row, const Value& value) {
  if (value.is(Kind::string))
    type_error(
        "ufunc '{}' not supported for the input types, and the inputs could not be safely coerced "
        "to any supported types according to the casting rule ''safe''",
        row.name);
  if (value.is_none())
    type_error(
        "loop of ufunc does not support argument 0 of type NoneType which has no callable "
        "{} method",
        row.name);
}

UfuncOperand ufunc_operand(Interpreter& interpreter, const Value& value) {
  const at::Tensor tensor = to_array(interpreter, value);
  return {tensor, tensor.dim() > 0};
}

at::Tensor apply_unary(const UfuncRow& row, const at::Tensor& operand,
                       std::optional<at::ScalarType> type) {
  return row.unary(operand.to(computed_type(row, type.value_or(operand.scalar_type()))));
}

at::Tensor apply_binary(const UfuncRow& row, const UfuncOperand& left, const UfuncOperand& right,
                        std::optional<at::ScalarType> type) {
  const at::ScalarType common =
      type ? *type
           : result_dtype({{left.tensor.scalar_type(), left.has_dimensions},
                           {right.tensor.scalar_type(), right.has_dimensions}});
  const at::ScalarType computed = computed_type(row, common);
  at::Tensor a = left.tensor.to(computed), b = right.tensor.to(computed);
  if (a.sizes() != b.sizes()) {
    const auto shape = broadcast_shape(a.sizes(), b.sizes());
    a = a.expand(shape);
    b = b.expand(shape);
  }
  return row.binary(a, b);
}

Value finish_ufunc(const UfuncRow& row, const at::Tensor& result, const Value& out) {
  if (!out.is_set() || out.is_none()) return result_value(result);
  Array* target = as_array(out);
  if (!target || target->is_scalar) type_error("return arrays must be of ArrayType");
  check_output(row, result.scalar_type(), target->tensor.scalar_type());
  if (common_shape(result.sizes(), target->tensor.sizes()) != target->tensor.sizes().vec())
    value_error(
        "non-broadcastable output operand with shape {} doesn't match the broadcast shape {}",
        shape_text(target->tensor.sizes()),
        shape_text(broadcast_shape(result.sizes(), target->tensor.sizes())));
  target->tensor.copy_(result);
  return out;
}

std::vector<std::int64_t> common_shape(at::IntArrayRef left, at::IntArrayRef right) {
  const std::size_t size = std::max(left.size(), right.size());
  std::vector<std::int64_t> shape(size);
  for (std::size_t i = 0; i < size; ++i) {
    const std::int64_t a = i < left.size() ? left[left.size() - 1 - i] : 1;
    const std::int64_t b = i < right.size() ? right[right.size() - 1 - i] : 1;
    if (a != b && a != 1 && b != 1) return {-1};
    shape[size - 1 - i] = a == 1 ? b : a;
  }
  return shape;
}

std::vector<std::int64_t> broadcast_shape(at::IntArrayRef left, at::IntArrayRef right) {
  std::vector<std::int64_t> shape = common_shape(left, right);
  if (shape.size() == 1 && shape[0] == -1)
    value_error("operands could not be broadcast together with shapes {} {} ", shape_text(left),
                shape_text(right));
  return shape;
}

}  // namespace gradient_check::python
