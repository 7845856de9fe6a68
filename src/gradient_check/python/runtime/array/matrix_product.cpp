#include "gradient_check/python/runtime/array/matrix_product.h"

#include <ATen/ops/dot.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/mv.h>
#include <ATen/ops/tensordot.h>

#include "gradient_check/python/runtime/array/ufunc.h"
#include "gradient_check/python/runtime/interpreter.h"

namespace gradient_check::python {
namespace {

/// The operands in their common type; bools are multiplied as integers.
struct ProductOperands {
  ProductOperands(Interpreter& interpreter, const Value& a, const Value& b)
      : left(to_array(interpreter, a)), right(to_array(interpreter, b)) {
    const at::ScalarType type = result_dtype(
        {{left.scalar_type(), left.dim() > 0}, {right.scalar_type(), right.dim() > 0}});
    is_bool = type == at::kBool;
    left = left.to(is_bool ? at::kLong : type);
    right = right.to(is_bool ? at::kLong : type);
  }
  Value finished(const at::Tensor& result) const {
    return result_value(is_bool ? result.to(at::kBool) : result);
  }
  at::Tensor left, right;
  bool is_bool;
};

/// NumPy leaves a lone row or column to BLAS's matrix-vector product, which rounds otherwise than
/// its matrix product.
at::Tensor product(const at::Tensor& left, const at::Tensor& right) {
  if (left.dim() > 2 || right.dim() > 2) return at::matmul(left, right);
  const bool row = left.dim() == 1 || left.size(0) == 1;
  const bool column = right.dim() == 1 || right.size(1) == 1;
  if (!row && !column) return at::matmul(left, right);
  const at::Tensor first = row ? left.reshape({-1}) : left;
  const at::Tensor second = column ? right.reshape({-1}) : right;
  const at::Tensor found = row && column ? at::dot(first, second)
                           : column      ? at::mv(first, second)
                                         : at::mv(second.t(), first);
  std::vector<std::int64_t> shape;
  if (left.dim() == 2) shape.push_back(left.size(0));
  if (right.dim() == 2) shape.push_back(right.size(1));
  return found.reshape(shape);
}

}  // namespace

Value matrix_product(Interpreter& interpreter, const Value& a, const Value& b) {
  const ProductOperands operands(interpreter, a, b);
  const auto &left = operands.left, &right = operands.right;
  if (left.dim() == 0 || right.dim() == 0)
    value_error(
        "matmul: Input operand {} does not have enough dimensions (has 0, gufunc core with "
        "signature (n?,k),(k,m?)->(n?,m?) requires 1)",
        left.dim() == 0 ? 0 : 1);
  const std::int64_t inner = left.size(-1);
  const std::int64_t other = right.size(right.dim() == 1 ? 0 : -2);
  if (inner != other)
    value_error(
        "matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature "
        "(n?,k),(k,m?)->(n?,m?) (size {} is different from {})",
        other, inner);
  if (left.dim() > 2 && right.dim() > 2)
    broadcast_shape(left.sizes().slice(0, static_cast<std::size_t>(left.dim() - 2)),
                    right.sizes().slice(0, static_cast<std::size_t>(right.dim() - 2)));
  return operands.finished(product(left, right));
}

Value dot_product(Interpreter& interpreter, const Value& a, const Value& b) {
  const ProductOperands operands(interpreter, a, b);
  const auto &left = operands.left, &right = operands.right;
  if (left.dim() == 0 || right.dim() == 0) return operands.finished(at::mul(left, right));
  const std::int64_t axis = right.dim() == 1 ? 0 : right.dim() - 2;
  if (left.size(-1) != right.size(axis))
    value_error("shapes {} and {} not aligned: {} (dim {}) != {} (dim {})",
                shape_text(left.sizes()), shape_text(right.sizes()), left.size(-1), left.dim() - 1,
                right.size(axis), axis);
  if (left.dim() <= 2 && right.dim() <= 2) return operands.finished(product(left, right));
  return operands.finished(at::tensordot(left, right, {left.dim() - 1}, {axis}));
}

}  // namespace gradient_check::python
