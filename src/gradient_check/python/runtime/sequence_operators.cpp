#include "gradient_check/python/runtime/sequence_operators.h"

#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/complex_number.h"
#include "gradient_check/python/runtime/derived.h"
#include "gradient_check/python/runtime/dict.h"
#include "gradient_check/python/runtime/format.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/opaque.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/subscript.h"
#include "gradient_check/python/runtime/tensor/tensor_call.h"

namespace gradient_check::python {
namespace {

using ast::BinaryOperator;

void check_size(Interpreter& interpreter, std::size_t length, std::int64_t times) {
  if (times > 0 && length > interpreter.limits.text / static_cast<std::size_t>(times))
    raise(ErrorKind::MemoryError, "the result would be too long");
}

std::string repeated(Interpreter& interpreter, const std::string& text, std::int64_t times) {
  check_size(interpreter, text.size(), times);
  std::string result;
  for (std::int64_t i = 0; i < times; ++i) result += text;
  return result;
}

std::vector<Value> repeated(Interpreter& interpreter, const std::vector<Value>& values,
                            std::int64_t times) {
  check_size(interpreter, values.size(), times);
  std::vector<Value> result;
  for (std::int64_t i = 0; i < times; ++i)
    result.insert(result.end(), values.begin(), values.end());
  return result;
}

Value multiplied(Interpreter& interpreter, const Value& sequence, std::int64_t times,
                 bool in_place) {
  if (const Text* text = sequence.get_if<Text>())
    return Value::string(repeated(interpreter, text->text, times));
  if (const Tuple* tuple = sequence.get_if<Tuple>())
    return make<Tuple>(repeated(interpreter, tuple->elements, times));
  List* list = sequence.get_if<List>();
  if (!list) return {};
  std::vector<Value> elements = repeated(interpreter, list->elements, times);
  if (!in_place) return make<List>(interpreter.heap, std::move(elements));
  list->elements = std::move(elements);
  return sequence;
}

std::vector<Value> joined(const std::vector<Value>& left, const std::vector<Value>& right) {
  std::vector<Value> all = left;
  all.insert(all.end(), right.begin(), right.end());
  return all;
}

Value added(Interpreter& interpreter, const Value& left, const Value& right, bool in_place) {
  if (List* list = left.get_if<List>()) {
    if (in_place) {
      for (Value& element : elements_of(interpreter, right))
        list->elements.push_back(std::move(element));
      return left;
    }
    const List* other = right.get_if<List>();
    if (!other) type_error("can only concatenate list (not \"{}\") to list", type_name(right));
    return make<List>(interpreter.heap, joined(list->elements, other->elements));
  }
  if (const Text* text = left.get_if<Text>()) {
    const Text* other = right.get_if<Text>();
    if (!other) type_error("can only concatenate str (not \"{}\") to str", type_name(right));
    check_size(interpreter, text->text.size() + other->text.size(), 1);
    return Value::string(text->text + other->text);
  }
  if (const Tuple* tuple = left.get_if<Tuple>()) {
    const Tuple* other = right.get_if<Tuple>();
    if (!other) type_error("can only concatenate tuple (not \"{}\") to tuple", type_name(right));
    const bool is_size = tuple->fields == &size_fields() && other->fields == tuple->fields;
    return make<Tuple>(joined(tuple->elements, other->elements), is_size ? tuple->fields : nullptr);
  }
  return {};
}

Value combined_sets(Interpreter& interpreter, BinaryOperator op, Set& left, Set& right) {
  auto result = make<Set>(interpreter.heap, left.frozen);
  const auto add_from = [&](Set& from, Set& other, bool if_in_other, bool any) {
    for (const auto& entry : from.table.entries())
      if (entry.key.is_set() &&
          (any || (find_entry(interpreter, other.table, entry.key) != nullptr) == if_in_other))
        add_to_set(interpreter, *result, entry.key);
  };
  switch (op) {
    case BinaryOperator::BitOr:
      add_from(left, right, false, true);
      break;
    case BinaryOperator::BitXor:
    case BinaryOperator::Sub:
      add_from(left, right, false, false);
      break;
    case BinaryOperator::BitAnd:
      add_from(left, right, true, false);
      break;
    default:
      return {};
  }
  if (op == BinaryOperator::BitOr) add_from(right, left, false, true);
  if (op == BinaryOperator::BitXor) add_from(right, left, false, false);
  return result;
}

Value merged(Interpreter& interpreter, const Value& left, const Dict& right, bool in_place) {
  Ref<Dict> target(&left.as<Dict>());
  if (!in_place) {
    target = make<Dict>(interpreter.heap);
    target->table = left.as<Dict>().table;
  }
  for (const auto& entry : right.table.entries())
    if (entry.key.is_set()) set_item(interpreter, *target, entry.key, entry.value);
  return target;
}

}  // namespace

Value binary_sequences(Interpreter& interpreter, BinaryOperator op, const Value& left,
                       const Value& right, bool in_place) {
  if (op == BinaryOperator::Mult) {
    if (right.is_integral()) return multiplied(interpreter, left, right.as_integer(), in_place);
    if (left.is_integral()) return multiplied(interpreter, right, left.as_integer(), false);
  }
  if (op == BinaryOperator::Add) return added(interpreter, left, right, in_place);
  if (op == BinaryOperator::Mod && left.is(Kind::string))
    return Value::string(percent_format(interpreter, text_of(left), right));
  if (left.is(Kind::set) && right.is(Kind::set))
    return combined_sets(interpreter, op, left.as<Set>(), right.as<Set>());
  if (op == BinaryOperator::BitOr && left.is(Kind::dict) && right.is(Kind::dict))
    return merged(interpreter, left, right.as<Dict>(), in_place);
  return {};
}

bool is_empty(const Value& value) {
  switch (value.kind()) {
    case Kind::complex:
      return value.as<ComplexNumber>().number == 0.0;
    case Kind::string:
      return text_of(value).empty();
    case Kind::bytes:
      return value.as<Bytes>().data.empty();
    case Kind::list:
      return value.as<List>().elements.empty();
    case Kind::tuple:
      return value.as<Tuple>().elements.empty();
    case Kind::dict:
      return value.as<Dict>().table.size() == 0;
    case Kind::set:
      return value.as<Set>().table.size() == 0;
    case Kind::range:
      return value.as<Range>().length() == 0;
    default:
      return false;
  }
}

std::int64_t length_of(Interpreter& interpreter, const Value& value) {
  if (const Value own = own_special(interpreter, value, "__len__"); own.is_integral())
    return own.as_integer();
  return plain_length_of(interpreter, value);
}

std::int64_t plain_length_of(Interpreter& interpreter, const Value& value) {
  const auto signed_size = [](std::size_t size) { return static_cast<std::int64_t>(size); };
  switch (value.kind()) {
    case Kind::string:
      return length(value.as<Text>());
    case Kind::bytes:
      return signed_size(value.as<Bytes>().data.size());
    case Kind::list:
      return signed_size(value.as<List>().elements.size());
    case Kind::tuple:
      return signed_size(value.as<Tuple>().elements.size());
    case Kind::dict:
      return signed_size(value.as<Dict>().table.size());
    case Kind::set:
      return signed_size(value.as<Set>().table.size());
    case Kind::range:
      return value.as<Range>().length();
    case Kind::tensor:
      return tensor_length(value);
    case Kind::opaque:
      if (value.as<Opaque>().is_sequence()) return value.as<Opaque>().length();
      break;
    case Kind::klass:  // an Enum
      if (const Value made = find_attribute(interpreter, value, Text("__class_iter__"));
          made.is_set())
        return signed_size(elements_of(interpreter, call(interpreter, made, {})).size());
      break;
    default:
      break;
  }
  const Value result =
      value.is(Kind::instance) ? call_special(interpreter, value, "__len__") : Value();
  if (!result.is_integral()) type_error("object of type '{}' has no len()", type_name(value));
  return result.as_integer();
}

}  // namespace gradient_check::python
