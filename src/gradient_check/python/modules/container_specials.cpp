#include "gradient_check/python/modules/table.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/format.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/operators.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/sequence_operators.h"
#include "gradient_check/python/runtime/subscript.h"

// list.__init__, dict.__setitem__ and the like: what a class that derives from a container calls by
// super(). They pass by what that class wrote itself.
namespace gradient_check::python {
namespace {

Value container_getitem(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("__getitem__", "self, key, /", arguments);
  return get_plain_item(interpreter, parameters[0], parameters[1]);
}
Value container_setitem(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("__setitem__", "self, key, value, /", arguments);
  set_plain_item(interpreter, parameters[0], parameters[1], parameters[2]);
  return Value::none();
}
Value container_delitem(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("__delitem__", "self, key, /", arguments);
  delete_plain_item(interpreter, parameters[0], parameters[1]);
  return Value::none();
}
Value container_contains(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("__contains__", "self, key, /", arguments);
  return Value::boolean(contains_plainly(interpreter, parameters[0], parameters[1]));
}
Value container_len(Interpreter& interpreter, const Arguments& arguments) {
  return Value::integer(
      plain_length_of(interpreter, Parameters("__len__", "self, /", arguments)[0]));
}
Value container_iter(Interpreter& interpreter, const Arguments& arguments) {
  return iterate_plainly(interpreter, Parameters("__iter__", "self, /", arguments)[0]);
}

Value list_initialize(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("list", "self, iterable=, /", arguments);
  auto& elements = parameters[0].as<List>().elements;
  elements.clear();
  if (parameters.has(1)) elements = elements_of(interpreter, parameters[1]);
  return Value::none();
}
Value dict_initialize(Interpreter& interpreter, const Arguments& arguments) {
  if (arguments.positional() > 2)
    type_error("dict expected at most 1 argument, got {}", arguments.positional() - 1);
  const Value made =
      call(interpreter, interpreter.type("dict", Kind::dict), arguments.without_first());
  for (const auto& entry : made.as<Dict>().table.entries())
    if (entry.key.is_set()) set_item(interpreter, arguments[0].as<Dict>(), entry.key, entry.value);
  return Value::none();
}
Value set_initialize(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("set", "self, iterable=, /", arguments);
  Set& set = parameters[0].as<Set>();
  if (parameters.has(1) && !set.frozen)
    for (const Value& element : elements_of(interpreter, parameters[1]))
      add_to_set(interpreter, set, element);
  return Value::none();
}

template <ast::BinaryOperator op, bool in_place>
Value container_combine(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("operator", "self, value, /", arguments);
  Value result = binary_sequences(interpreter, op, parameters[0], parameters[1], in_place);
  return result.is_set() ? result : Value::not_implemented();
}

constexpr NativeRow special_rows[] = {
    {"__add__", container_combine<ast::BinaryOperator::Add, false>},
    {"__contains__", container_contains},
    {"__getitem__", container_getitem},
    {"__iter__", container_iter},
    {"__len__", container_len},
    {"__mul__", container_combine<ast::BinaryOperator::Mult, false>},
    {"__or__", container_combine<ast::BinaryOperator::BitOr, false>},
};
constexpr NativeRow mutable_rows[] = {{"__delitem__", container_delitem},
                                      {"__setitem__", container_setitem}};

}  // namespace

void add_container_specials(Class& type, Kind kind) {
  add_methods(type, special_rows);
  if (kind == Kind::list || kind == Kind::dict) add_methods(type, mutable_rows);
  const NativeFunction initialize = kind == Kind::list   ? list_initialize
                                    : kind == Kind::dict ? dict_initialize
                                    : kind == Kind::set  ? set_initialize
                                                         : nullptr;
  if (initialize) type.attributes->set("__init__", make<Builtin>("__init__", initialize));
}

}  // namespace gradient_check::python
