#include "gradient_check/subject/program/entries/json_argument.h"

#include "gradient_check/python/runtime/sequence.h"

namespace gradient_check {

python::Value argument_value(python::Interpreter& interpreter, const JsonValue& value) {
  using python::Value;
  switch (value.kind) {
    case JsonValue::Kind::null:
      return Value::none();
    case JsonValue::Kind::boolean:
      return Value::boolean(value.boolean);
    case JsonValue::Kind::integer:
      return Value::integer(value.integer);
    case JsonValue::Kind::number:
      return Value::real(value.number);
    case JsonValue::Kind::string:
      return Value::string(value.string);
    case JsonValue::Kind::array: {
      std::vector<Value> items;
      for (const JsonValue& item : value.items) items.push_back(argument_value(interpreter, item));
      return python::make<python::List>(interpreter.heap, std::move(items));
    }
    case JsonValue::Kind::object:
      break;
  }
  auto dictionary = python::make<python::Dict>(interpreter.heap);
  for (const JsonMember& member : value.members)
    dictionary->set(std::string_view(member.key), argument_value(interpreter, member.value));
  return dictionary;
}

}  // namespace gradient_check
