#include <map>
#include <string>

#include "gradient_check/python/modules/table.h"
#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/class_call.h"
#include "gradient_check/python/runtime/derived.h"
#include "gradient_check/python/runtime/format.h"
#include "gradient_check/python/runtime/operators.h"
#include "gradient_check/python/runtime/sequence.h"

namespace gradient_check::python {
namespace {

Value object_getattribute(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("__getattribute__", "self, name, /", arguments);
  parameters.text(1);
  return get_plain_attribute(interpreter, parameters[0], parameters[1].as<Text>());
}
Value object_setattr(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("__setattr__", "self, name, value, /", arguments);
  parameters.text(1);
  set_plain_attribute(interpreter, parameters[0], parameters[1].as<Text>(), parameters[2]);
  return Value::none();
}
Value object_delattr(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("__delattr__", "self, name, /", arguments);
  parameters.text(1);
  delete_plain_attribute(interpreter, parameters[0], parameters[1].as<Text>());
  return Value::none();
}
Value object_new(Interpreter& interpreter, const Arguments& arguments) {
  if (arguments.count == 0 || !arguments[0].is(Kind::klass))
    type_error("object.__new__(X): X is not a type object");
  Class& type = arguments[0].as<Class>();
  if (type.construct) return type.construct(interpreter, arguments.without_first());
  return new_instance(interpreter, type, arguments.without_first());
}
Value object_repr(Interpreter& interpreter, const Arguments& arguments) {
  return Value::string(plain_repr(interpreter, Parameters("__repr__", "self, /", arguments)[0]));
}
Value object_str(Interpreter& interpreter, const Arguments& arguments) {
  return Value::string(plain_str(interpreter, Parameters("__str__", "self, /", arguments)[0]));
}
Value object_format(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("__format__", "self, format_spec, /", arguments);
  if (!parameters[0].is(Kind::instance))
    return Value::string(format_value(interpreter, parameters[0], parameters.text(1)));
  if (!parameters.text(1).empty())
    type_error("unsupported format string passed to {}.__format__", type_name(parameters[0]));
  return Value::string(str(interpreter, parameters[0]));
}
template <ast::ComparisonOperator op>
Value object_compare(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("__eq__", "self, value, /", arguments);
  Value result;
  if (!parameters[0].is(Kind::instance))
    result = compare_builtin(interpreter, op, parameters[0], parameters[1]);
  else if (parameters[0].same(parameters[1]))
    result = Value::boolean(op == ast::ComparisonOperator::Eq);
  return result.is_set() ? result : Value::not_implemented();
}
Value object_hash(Interpreter& interpreter, const Arguments& arguments) {
  const Value self = Parameters("__hash__", "self, /", arguments)[0];
  if (self.is(Kind::instance)) return Value::integer(self.as_integer() >> 4);
  return Value::integer(static_cast<std::int64_t>(hash_of(interpreter, self)));
}
Value object_init_subclass(Interpreter&, const Arguments& arguments) {
  if (arguments.keywords)
    type_error("{}.__init_subclass__() takes no keyword arguments",
               arguments.count > arguments.keywords && arguments[0].is(Kind::klass)
                   ? arguments[0].as<Class>().name
                   : "object");
  return Value::none();
}

Value class_mro(Interpreter&, const Arguments& arguments) {
  std::vector<Value> classes;
  for (Class* in : Parameters("mro", "self, /", arguments)[0].as<Class>().order)
    classes.push_back(Value(in));
  return make<Tuple>(std::move(classes));
}
Value class_mro_list(Interpreter& interpreter, const Arguments& arguments) {
  return make<List>(interpreter.heap, class_mro(interpreter, arguments).as<Tuple>().elements);
}

/// The names of dir(), in order.
Value builtin_dir(Interpreter& interpreter, const Arguments& arguments) {
  const Value of = Parameters("dir", "object, /", arguments)[0];
  std::map<std::string, bool> names;
  const auto add = [&](const Dict& dict) {
    for (const auto& entry : dict.table.entries())
      if (entry.key.is(Kind::string)) names[text_of(entry.key)] = true;
  };
  add(*interpreter.object_methods);
  if (const Dict* own = attributes_of(of)) add(*own);
  if (const Module* module = of.get_if<Module>())
    for (const auto& [name, slot] : module->slots)
      if (module->values[slot].is_set()) names[name] = true;
  const Ref<Class> type =
      of.is(Kind::klass) ? Ref<Class>(&of.as<Class>()) : interpreter.class_of(of);
  for (const Class* in : type->order) add(*in->attributes);
  auto list = make<List>(interpreter.heap);
  for (const auto& [name, is_there] : names) list->elements.push_back(Value::string(name));
  return list;
}

Value builtin_delattr(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("delattr", "obj, name, /", arguments);
  parameters.text(1);
  delete_attribute(interpreter, parameters[0], parameters[1].as<Text>());
  return Value::none();
}

Value builtin_ascii(Interpreter& interpreter, const Arguments& arguments) {
  const std::string text = repr(interpreter, Parameters("ascii", "obj, /", arguments)[0]);
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (size == 1) {
      result += text[at++];
      continue;
    }
    std::uint32_t code = first & (0xff >> (size + 1));
    for (std::size_t i = 1; i < size && at + i < text.size(); ++i)
      code = code << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3f);
    result += code < 0x100     ? fmt::format("\\x{:02x}", code)
              : code < 0x10000 ? fmt::format("\\u{:04x}", code)
                               : fmt::format("\\U{:08x}", code);
    at += size;
  }
  return Value::string(result);
}

constexpr NativeRow object_rows[] = {
    {"__delattr__", object_delattr},
    {"__eq__", object_compare<ast::ComparisonOperator::Eq>},
    {"__format__", object_format},
    {"__getattribute__", object_getattribute},
    {"__hash__", object_hash},
    {"__init_subclass__", object_init_subclass},
    {"__ne__", object_compare<ast::ComparisonOperator::NotEq>},
    {"__new__", object_new},
    {"__repr__", object_repr},
    {"__setattr__", object_setattr},
    {"__str__", object_str},
};
constexpr NativeRow class_rows[] = {{"mro", class_mro_list}};
constexpr NativeRow object_functions[] = {
    {"ascii", builtin_ascii}, {"delattr", builtin_delattr}, {"dir", builtin_dir}};

}  // namespace

void add_object_methods(Interpreter& interpreter, Module& module) {
  for (const auto& [name, function] : object_rows)
    interpreter.object_methods->set(name, make<Builtin>(name, function));
  add_functions(module, object_functions);
}
void add_class_methods(Class& type) { add_methods(type, class_rows); }

}  // namespace gradient_check::python
