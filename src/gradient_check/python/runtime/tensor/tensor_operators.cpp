#include <ATen/ops/add.h>
#include <ATen/ops/bitwise_and.h>
#include <ATen/ops/bitwise_left_shift.h>
#include <ATen/ops/bitwise_not.h>
#include <ATen/ops/bitwise_or.h>
#include <ATen/ops/bitwise_right_shift.h>
#include <ATen/ops/bitwise_xor.h>
#include <ATen/ops/div.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/floor_divide.h>
#include <ATen/ops/ge.h>
#include <ATen/ops/gt.h>
#include <ATen/ops/le.h>
#include <ATen/ops/lt.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/ne.h>
#include <ATen/ops/neg.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/reciprocal.h>
#include <ATen/ops/remainder.h>
#include <ATen/ops/result_type.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/sub.h>

#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/tensor/convert.h"
#include "gradient_check/python/runtime/tensor/tensor_call.h"
#include "gradient_check/python/runtime/tensor/tensor_state.h"
#include "gradient_check/python/runtime/tensor/without_autograd.h"

namespace gradient_check::python {
namespace {

using ast::BinaryOperator;
using ast::ComparisonOperator;

bool is_plain_number(const Value& value) { return value.is_number() || value.is(Kind::complex); }

/// An operand as a tensor, beside the other one; undefined where it is none and no number.
at::Tensor operand(Interpreter& interpreter, const Value& value, const Value& other) {
  if (value.is(Kind::tensor)) return tensor_of(value);
  if (!is_plain_number(value)) return {};
  return wrapped_number(interpreter, value, tensor_of(other).scalar_type());
}

/// tensor op number, where PyTorch has an operator of its own for a number on the right.
at::Tensor with_number(BinaryOperator op, const at::Tensor& left, const at::Scalar& right) {
  switch (op) {
    case BinaryOperator::Pow:
      return at::pow(left, right);
    case BinaryOperator::Mod:
      return at::remainder(left, right);
    case BinaryOperator::BitAnd:
      return at::bitwise_and(left, right);
    case BinaryOperator::BitOr:
      return at::bitwise_or(left, right);
    case BinaryOperator::BitXor:
      return at::bitwise_xor(left, right);
    case BinaryOperator::LShift:
      return left.__lshift__(right);
    case BinaryOperator::RShift:
      return left.__rshift__(right);
    default:
      return {};
  }
}

/// number op tensor, as Tensor's reflected methods (__rsub__ and the like) compute it.
at::Tensor reflected(BinaryOperator op, const at::Scalar& left, const at::Tensor& right) {
  switch (op) {
    case BinaryOperator::Mod:
      return at::remainder(left, right);
    case BinaryOperator::Pow:
      return at::pow(at::scalar_tensor(left, at::result_type(left, right)), right);
    case BinaryOperator::BitAnd:
      return at::bitwise_and(right, left);
    case BinaryOperator::BitOr:
      return at::bitwise_or(right, left);
    case BinaryOperator::BitXor:
      return at::bitwise_xor(right, left);
    default:
      return {};
  }
}

at::Tensor combined(BinaryOperator op, const at::Tensor& left, const at::Tensor& right) {
  switch (op) {
    case BinaryOperator::Add:
      return at::add(left, right);
    case BinaryOperator::Sub:
      return at::sub(left, right);
    case BinaryOperator::Mult:
      return at::mul(left, right);
    case BinaryOperator::MatMult:
      return at::matmul(left, right);
    case BinaryOperator::Div:
      return at::div(left, right);
    case BinaryOperator::Mod:
      return at::remainder(left, right);
    case BinaryOperator::Pow:
      return at::pow(left, right);
    case BinaryOperator::LShift:
      return left.__lshift__(right);
    case BinaryOperator::RShift:
      return left.__rshift__(right);
    case BinaryOperator::BitOr:
      return at::bitwise_or(left, right);
    case BinaryOperator::BitXor:
      return at::bitwise_xor(left, right);
    case BinaryOperator::BitAnd:
      return at::bitwise_and(left, right);
    case BinaryOperator::FloorDiv:
      return at::floor_divide(left, right);
  }
  return {};
}

/// x op= y for the operators that write into x; false for those that make a new tensor (@).
bool combine_in_place(BinaryOperator op, at::Tensor& left, const at::Tensor& right) {
  switch (op) {
    case BinaryOperator::Add:
      left.add_(right);
      return true;
    case BinaryOperator::Sub:
      left.sub_(right);
      return true;
    case BinaryOperator::Mult:
      left.mul_(right);
      return true;
    case BinaryOperator::Div:
      left.div_(right);
      return true;
    case BinaryOperator::Mod:
      left.remainder_(right);
      return true;
    case BinaryOperator::Pow:
      left.pow_(right);
      return true;
    case BinaryOperator::BitOr:
      left.bitwise_or_(right);
      return true;
    case BinaryOperator::BitXor:
      left.bitwise_xor_(right);
      return true;
    case BinaryOperator::BitAnd:
      left.bitwise_and_(right);
      return true;
    case BinaryOperator::FloorDiv:
      left.floor_divide_(right);
      return true;
    default:
      return false;
  }
}

at::Tensor compared(ComparisonOperator op, const at::Tensor& left, const at::Tensor& right) {
  switch (op) {
    case ComparisonOperator::Eq:
      return at::eq(left, right);
    case ComparisonOperator::NotEq:
      return at::ne(left, right);
    case ComparisonOperator::Lt:
      return at::lt(left, right);
    case ComparisonOperator::LtE:
      return at::le(left, right);
    case ComparisonOperator::Gt:
      return at::gt(left, right);
    default:
      return at::ge(left, right);
  }
}

at::Tensor compared(ComparisonOperator op, const at::Tensor& left, const at::Scalar& right) {
  switch (op) {
    case ComparisonOperator::Eq:
      return at::eq(left, right);
    case ComparisonOperator::NotEq:
      return at::ne(left, right);
    case ComparisonOperator::Lt:
      return at::lt(left, right);
    case ComparisonOperator::LtE:
      return at::le(left, right);
    case ComparisonOperator::Gt:
      return at::gt(left, right);
    default:
      return at::ge(left, right);
  }
}

ComparisonOperator mirrored(ComparisonOperator op) {
  switch (op) {
    case ComparisonOperator::Lt:
      return ComparisonOperator::Gt;
    case ComparisonOperator::LtE:
      return ComparisonOperator::GtE;
    case ComparisonOperator::Gt:
      return ComparisonOperator::Lt;
    case ComparisonOperator::GtE:
      return ComparisonOperator::LtE;
    default:
      return op;
  }
}

}  // namespace

Value tensor_binary(Interpreter& interpreter, BinaryOperator op, const Value& left,
                    const Value& right, bool in_place) {
  at::Tensor a = operand(interpreter, left, right);
  const at::Tensor b = operand(interpreter, right, left);
  if (!a.defined() || !b.defined()) return {};
  return guarded([&]() -> Value {
    if (in_place && left.is(Kind::tensor) && combine_in_place(op, a, b)) return left;
    const WithoutAutograd guard(!records_gradient(a) && !records_gradient(b));
    at::Tensor result;
    // As PyTorch's __rtruediv__ has it. (__rsub__ calls rsub, which is sub of a wrapped number.)
    if (op == BinaryOperator::Div && is_plain_number(left)) {
      const at::Tensor inverse = at::reciprocal(b);
      return value_of(at::mul(inverse, wrapped_number(interpreter, left, inverse.scalar_type())));
    }
    if (is_plain_number(right)) result = with_number(op, a, *to_scalar(right));
    if (is_plain_number(left)) result = reflected(op, *to_scalar(left), b);
    if (op == BinaryOperator::MatMult && (is_plain_number(left) || is_plain_number(right)))
      return {};
    return value_of(result.defined() ? result : combined(op, a, b));
  });
}

Value tensor_compare(Interpreter& interpreter, ComparisonOperator op, const Value& left,
                     const Value& right) {
  if (left.is(Kind::tensor) && right.is(Kind::tensor))
    return guarded([&] { return value_of(compared(op, tensor_of(left), tensor_of(right))); });
  const bool swapped = right.is(Kind::tensor);
  const auto number = to_scalar(swapped ? left : right);
  if (!number) return {};
  return guarded([&] {
    const at::Tensor tensor = tensor_of(swapped ? right : left);
    const ComparisonOperator direct = swapped ? mirrored(op) : op;
    const Value& other = swapped ? left : right;
    if (const at::ScalarType type = tensor.scalar_type();
        type == at::kFloat || type == at::kDouble) {
      const at::Tensor& wrapped = wrapped_number(interpreter, other, type);
      if (wrapped.scalar_type() == type) return value_of(compared(direct, tensor, wrapped));
    }
    return value_of(compared(direct, tensor, *number));
  });
}

Value tensor_unary(Interpreter&, ast::UnaryOperator op, const Value& value) {
  if (op == ast::UnaryOperator::UAdd) return value;
  const at::Tensor tensor = tensor_of(value);
  return guarded([&] {
    const WithoutAutograd guard(!records_gradient(tensor));
    return value_of(op == ast::UnaryOperator::USub ? at::neg(tensor) : at::bitwise_not(tensor));
  });
}

}  // namespace gradient_check::python
