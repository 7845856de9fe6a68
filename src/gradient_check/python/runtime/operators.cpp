#include "gradient_check/python/runtime/operators.h"

#include <algorithm>

#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/derived.h"
#include "gradient_check/python/runtime/format.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/opaque.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/sequence_operators.h"
#include "gradient_check/python/runtime/tensor/tensor_call.h"
#include "gradient_check/python/runtime/unknown.h"

namespace gradient_check::python {
namespace {

struct OperatorNames {
  const char* left;
  const char* right;  ///< tried on the right operand
  const char* in_place;
};
constexpr OperatorNames binary_names[] = {{"__add__", "__radd__", "__iadd__"},
                                          {"__sub__", "__rsub__", "__isub__"},
                                          {"__mul__", "__rmul__", "__imul__"},
                                          {"__matmul__", "__rmatmul__", "__imatmul__"},
                                          {"__truediv__", "__rtruediv__", "__itruediv__"},
                                          {"__mod__", "__rmod__", "__imod__"},
                                          {"__pow__", "__rpow__", "__ipow__"},
                                          {"__lshift__", "__rlshift__", "__ilshift__"},
                                          {"__rshift__", "__rrshift__", "__irshift__"},
                                          {"__or__", "__ror__", "__ior__"},
                                          {"__xor__", "__rxor__", "__ixor__"},
                                          {"__and__", "__rand__", "__iand__"},
                                          {"__floordiv__", "__rfloordiv__", "__ifloordiv__"}};
constexpr const char* compare_names[] = {"__eq__", "__ne__", "__lt__",
                                         "__le__", "__gt__", "__ge__"};
constexpr const char* reflected_names[] = {"__eq__", "__ne__", "__gt__",
                                           "__ge__", "__lt__", "__le__"};

/// What a class of the program makes of an operator; unset where it does not take the operand.
Value special(Interpreter& interpreter, const Value& self, const char* method, const Value& other) {
  if (!self.is(Kind::instance)) {
    const Value result = own_special(interpreter, self, method, {other});
    return result.is(Kind::not_implemented) ? Value() : result;
  }
  Value result = call_special(interpreter, self, method, {other});
  return result.is(Kind::not_implemented) ? Value() : result;
}

Value binary_special(Interpreter& interpreter, ast::BinaryOperator op, const Value& left,
                     const Value& right, bool in_place) {
  const OperatorNames& names = binary_names[static_cast<int>(op)];
  Value result;
  if (in_place) result = special(interpreter, left, names.in_place, right);
  if (!result.is_set()) result = special(interpreter, left, names.left, right);
  if (!result.is_set()) result = special(interpreter, right, names.right, left);
  return result;
}

bool is_type(const Value& value) {
  return value.is(Kind::klass) || value.is_none() || value.is(Kind::opaque) ||
         value.is(Kind::tuple);
}

/// int | None: a tuple, which is what isinstance takes.
Value either_type(const Value& left, const Value& right) {
  std::vector<Value> types;
  for (const Value* side : {&left, &right}) {
    if (const Tuple* tuple = side->get_if<Tuple>())
      types.insert(types.end(), tuple->elements.begin(), tuple->elements.end());
    else
      types.push_back(*side);
  }
  return make<Tuple>(std::move(types));
}

/// Sequences are repeated by integers only.
bool is_sequence(const Value& value) {
  return value.is(Kind::list) || value.is(Kind::tuple) || value.is(Kind::string) ||
         value.is(Kind::bytes);
}

[[noreturn]] void unsupported(const std::string& op, const Value& left, const Value& right) {
  for (const Value* side : {&left, &right})
    if (const Unknown* unknown = as_unknown(*side)) unknown->needed();
  type_error("unsupported operand type(s) for {}: '{}' and '{}'", op, type_name(left),
             type_name(right));
}

}  // namespace

Value binary(Interpreter& interpreter, ast::BinaryOperator op, const Value& left,
             const Value& right, bool in_place) {
  Value result;
  const bool is_format = left.is(Kind::string) && op == ast::BinaryOperator::Mod;
  if ((left.is(Kind::tensor) || right.is(Kind::tensor)) && !is_format) {
    result = tensor_binary(interpreter, op, plain_number(left), plain_number(right), in_place);
    if (result.is_set()) return result;
  } else if (Opaque* own = operand_with_operators(left, right); own && !is_format) {
    result = own->binary(interpreter, op, left, right, in_place);
    if (result.is_set()) return result;
  } else {
    result = binary_numbers(op, left, right);
    if (result.is_set()) return result;
    if (own_class(left) || own_class(right)) {
      result = binary_special(interpreter, op, left, right, in_place);
      if (result.is_set()) return result;
    }
    result = binary_sequences(interpreter, op, left, right, in_place);
    if (result.is_set()) return result;
  }
  result = binary_special(interpreter, op, left, right, in_place);
  if (result.is_set()) return result;
  if (op == ast::BinaryOperator::BitOr && is_type(left) && is_type(right))
    return either_type(left, right);
  const std::string symbol(ast::to_text(op));
  if (op == ast::BinaryOperator::Mult && (is_sequence(left) || is_sequence(right)))
    type_error("can't multiply sequence by non-int of type '{}'",
               type_name(is_sequence(left) ? right : left));
  if (op == ast::BinaryOperator::Pow && !in_place) unsupported("** or pow()", left, right);
  unsupported(symbol + (in_place ? "=" : ""), left, right);
}

Value unary(Interpreter& interpreter, ast::UnaryOperator op, const Value& operand) {
  if (op == ast::UnaryOperator::Not) return Value::boolean(!truth(interpreter, operand));
  if (operand.is(Kind::tensor)) return tensor_unary(interpreter, op, operand);
  if (Opaque* own = operand_with_operators(operand, operand)) {
    Value result = own->unary(interpreter, op);
    if (result.is_set()) return result;
  }
  constexpr const char* names[] = {"__invert__", "", "__pos__", "__neg__"};
  if (operand.is(Kind::instance)) {
    Value result = call_special(interpreter, operand, names[static_cast<int>(op)]);
    if (result.is_set()) return result;
  }
  const bool inverts = op == ast::UnaryOperator::Invert;
  const bool fits =
      inverts ? operand.is_integral() : operand.is_number() || operand.is(Kind::complex);
  if (!fits)
    type_error("bad operand type for unary {}: '{}'", ast::to_text(op), type_name(operand));
  if (inverts) return Value::integer(~operand.as_integer());
  if (op == ast::UnaryOperator::UAdd)
    return operand.is_integral() ? Value::integer(operand.as_integer()) : operand;
  if (operand.is(Kind::real)) return Value::real(-operand.as_real());
  return binary_numbers(ast::BinaryOperator::Sub, Value::integer(0), operand);
}

Value compare(Interpreter& interpreter, ast::ComparisonOperator op, const Value& left,
              const Value& right) {
  using enum ast::ComparisonOperator;
  if (op == Is || op == IsNot) return Value::boolean(left.same(right) == (op == Is));
  if (op == In || op == NotIn)
    return Value::boolean(contains(interpreter, right, left) == (op == In));
  if (left.is(Kind::tensor) || right.is(Kind::tensor)) {
    Value result = tensor_compare(interpreter, op, plain_number(left), plain_number(right));
    if (result.is_set()) return result;
  }
  if (Opaque* own = operand_with_operators(left, right)) {
    Value result = own->compare(interpreter, op, left, right);
    if (result.is_set()) return result;
  }
  if (left.is(Kind::instance) || right.is(Kind::instance) || own_class(left) || own_class(right)) {
    Value result = special(interpreter, left, compare_names[static_cast<int>(op)], right);
    if (!result.is_set())
      result = special(interpreter, right, reflected_names[static_cast<int>(op)], left);
    if (!result.is_set() && op == NotEq) {
      result = special(interpreter, left, "__eq__", right);
      if (!result.is_set()) result = special(interpreter, right, "__eq__", left);
      if (result.is_set()) return Value::boolean(!truth(interpreter, result));
    }
    if (result.is_set()) return result;
  }
  Value result = compare_builtin(interpreter, op, left, right);
  if (result.is_set()) return result;
  if (op == Eq || op == NotEq) return Value::boolean(left.same(right) == (op == Eq));
  type_error("'{}' not supported between instances of '{}' and '{}'", ast::to_text(op),
             type_name(left), type_name(right));
}

bool equal(Interpreter& interpreter, const Value& left, const Value& right) {
  if (left.same(right)) return true;
  return truth(interpreter, compare(interpreter, ast::ComparisonOperator::Eq, left, right));
}

bool truth(Interpreter& interpreter, const Value& value) {
  if (own_class(value))
    for (const char* method : {"__bool__", "__len__"})
      if (const Value result = own_special(interpreter, value, method); result.is_set())
        return result.as_integer() != 0;
  switch (value.kind()) {
    case Kind::none:
      return false;
    case Kind::boolean:
    case Kind::integer:
      return value.as_integer() != 0;
    case Kind::real:
      return value.as_real() != 0;
    case Kind::tensor:
      return tensor_truth(value);
    case Kind::opaque:
      return value.as<Opaque>().truth();
    case Kind::instance: {
      Value result = call_special(interpreter, value, "__bool__");
      if (!result.is_set()) result = call_special(interpreter, value, "__len__");
      return !result.is_set() || result.as_integer() != 0;
    }
    default:
      return !is_empty(value);
  }
}

}  // namespace gradient_check::python
