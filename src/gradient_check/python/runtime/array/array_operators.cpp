#include "gradient_check/python/runtime/array/array_operators.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "gradient_check/python/runtime/array/matrix_product.h"
#include "gradient_check/python/runtime/array/ufunc.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/sequence_operators.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"
#include "gradient_check/python/runtime/text.h"

namespace gradient_check::python {
namespace {

/// In the order of ast::BinaryOperator; @ is no ufunc here.
constexpr const char* operator_ufuncs[] = {
    "add",         "subtract",   "multiply",    "",           "divide",      "remainder",
    "power",       "left_shift", "right_shift", "bitwise_or", "bitwise_xor", "bitwise_and",
    "floor_divide"};
constexpr const char* comparison_ufuncs[] = {"equal",      "not_equal", "less",
                                             "less_equal", "greater",   "greater_equal"};

/// x ** 2 is a square and not pow(): NumPy's shortcuts for a scalar exponent. Null where there is
/// none.
const UfuncRow* power_shortcut(const Value& base, const Value& exponent) {
  const Array* array = as_array(exponent);
  if (array && array->tensor.dim() > 0) return nullptr;
  const Array* of = as_array(base);
  if (!of || of->is_scalar) return nullptr;
  const Value number = plain_number(exponent);
  if (!number.is_number()) return nullptr;
  const double power = number.as_real();
  if (power == 2) return find_ufunc("square");
  const bool is_real = category(of->tensor.scalar_type()) >= 2;
  if (is_real && power == 0.5) return find_ufunc("sqrt");
  if (is_real && power == -1) return find_ufunc("reciprocal");
  return nullptr;
}

/// The operator that a ufunc stands for.
std::string_view symbol_of(std::string_view ufunc) {
  for (std::size_t i = 0; i < std::size(operator_ufuncs); ++i)
    if (ufunc == operator_ufuncs[i]) return ast::to_text(static_cast<ast::BinaryOperator>(i));
  return "";
}

/// What NumPy raises for an operand that is no number.
void check_operand(const UfuncRow& row, const Array& array, const Value& other, bool is_right) {
  const at::ScalarType type = array.tensor.scalar_type();
  if (const Text* text = other.get_if<Text>()) {
    const std::string own = fmt::format("dtype('{}')", array_dtype_name(type));
    const std::string its = fmt::format("dtype('<U{}')", std::max<std::int64_t>(length(*text), 1));
    raise(ErrorKind::UFuncTypeError,
          "ufunc '{}' did not contain a loop with signature matching types ({}, {}) -> None",
          row.name, is_right ? own : its, is_right ? its : own);
  }
  if (!other.is_none()) return;
  constexpr const char* names[] = {"bool", "int", "float", "complex"};
  const char* name = names[category(type)];
  const std::string symbol =
      std::string(row.name) == "power" ? "** or pow()" : std::string(symbol_of(row.name));
  type_error("unsupported operand type(s) for {}: '{}' and '{}'", symbol,
             is_right ? name : "NoneType", is_right ? "NoneType" : name);
}

/// "ab" * np.int64(2), and what np.float64(2) * [1] raises; unset for other operands.
Value repeated_sequence(Interpreter& interpreter, const Value& left, const Value& right) {
  const Array* scalar = as_array(left) ? as_array(left) : as_array(right);
  const Value& other = as_array(left) ? right : left;
  const bool is_sequence = other.is(Kind::string) || other.is(Kind::list) || other.is(Kind::tuple);
  if (!scalar->is_scalar || !is_sequence) return {};
  const auto times = scalar->index();
  if (!times) type_error("can't multiply sequence by non-int of type '{}'", scalar->type_name());
  return binary_sequences(interpreter, ast::BinaryOperator::Mult, other, Value::integer(*times),
                          false);
}

}  // namespace

Value array_binary(Interpreter& interpreter, ast::BinaryOperator op, const Value& left,
                   const Value& right, bool in_place) {
  if (op == ast::BinaryOperator::Mult)
    if (Value repeated = repeated_sequence(interpreter, left, right); repeated.is_set())
      return repeated;
  if (!is_array_like(left) || !is_array_like(right)) {
    const Array* array = as_array(left) ? as_array(left) : as_array(right);
    const UfuncRow* failed = find_ufunc(operator_ufuncs[static_cast<int>(op)]);
    if (failed) check_operand(*failed, *array, as_array(left) ? right : left, !!as_array(left));
    return {};
  }
  Array* target = in_place ? as_array(left) : nullptr;
  if (target && target->is_scalar) target = nullptr;
  if (op == ast::BinaryOperator::MatMult) {
    Value result = matrix_product(interpreter, left, right);
    if (!target) return result;
    target->tensor.copy_(as_array(result)->tensor);
    return left;
  }
  const UfuncRow* row = op == ast::BinaryOperator::Pow ? power_shortcut(left, right) : nullptr;
  if (row) {
    const at::Tensor operand = to_array(interpreter, left);
    return finish_ufunc(*row, apply_unary(*row, operand), target ? left : Value());
  }
  row = find_ufunc(operator_ufuncs[static_cast<int>(op)]);
  const UfuncOperand a = ufunc_operand(interpreter, left), b = ufunc_operand(interpreter, right);
  if (target && common_shape(a.tensor.sizes(), b.tensor.sizes()) == std::vector<std::int64_t>{-1})
    value_error("operands could not be broadcast together with shapes {} {} {} ",
                shape_text(a.tensor.sizes()), shape_text(b.tensor.sizes()),
                shape_text(a.tensor.sizes()));
  const at::Tensor result = apply_binary(*row, a, b);
  return finish_ufunc(*row, result, target ? left : Value());
}

Value array_compare(Interpreter& interpreter, ast::ComparisonOperator op, const Value& left,
                    const Value& right) {
  const bool is_equality =
      op == ast::ComparisonOperator::Eq || op == ast::ComparisonOperator::NotEq;
  if (!is_array_like(left) || !is_array_like(right)) {
    if (!is_equality) return {};
    const Array* array = as_array(left) ? as_array(left) : as_array(right);
    const bool differs = op == ast::ComparisonOperator::NotEq;
    if (array->is_scalar || !(left.is_none() || right.is_none())) return Value::boolean(differs);
    return array_value(
        array->tensor.new_full(array->tensor.sizes(), differs, at::TensorOptions(at::kBool)));
  }
  const UfuncRow& row = *find_ufunc(comparison_ufuncs[static_cast<int>(op)]);
  return result_value(
      apply_binary(row, ufunc_operand(interpreter, left), ufunc_operand(interpreter, right)));
}

Value array_unary(Interpreter&, ast::UnaryOperator op, const Array& operand) {
  const char* name = op == ast::UnaryOperator::USub     ? "negative"
                     : op == ast::UnaryOperator::Invert ? "invert"
                                                        : "positive";
  return result_value(apply_unary(*find_ufunc(name), operand.tensor));
}

}  // namespace gradient_check::python
