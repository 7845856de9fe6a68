#include <charconv>
#include <cmath>

#include "gradient_check/python/modules/table.h"
#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/class_call.h"
#include "gradient_check/python/runtime/complex_number.h"
#include "gradient_check/python/runtime/format.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/opaque.h"
#include "gradient_check/python/runtime/operators.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_call.h"

namespace gradient_check::python {
namespace {

std::string stripped(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t\n\r\f\v");
  if (begin == std::string::npos) return "";
  std::string result = text.substr(begin, text.find_last_not_of(" \t\n\r\f\v") - begin + 1);
  for (std::size_t at = 1; at + 1 < result.size(); ++at)
    if (result[at] == '_' && std::isdigit(static_cast<unsigned char>(result[at - 1])) &&
        std::isdigit(static_cast<unsigned char>(result[at + 1])))
      result.erase(at, 1);
  return result;
}

Value parsed_integer(Interpreter& interpreter, const Value& text, int base) {
  std::string digits = stripped(text_of(text));
  const auto fail = [&] {
    value_error("invalid literal for int() with base {}: {}", base, repr(interpreter, text));
  };
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.erase(0, 1);
  const char* prefix = base == 16 ? "0x" : base == 2 ? "0b" : base == 8 ? "0o" : "";
  if (*prefix && digits.starts_with(prefix)) digits.erase(0, 2);
  std::int64_t number = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (error == std::errc::result_out_of_range) integer_overflow();
  if (digits.empty() || digits[0] == '-' || error != std::errc() ||
      end != digits.data() + digits.size())
    fail();
  return Value::integer(negative ? -number : number);
}

Value truncated(double number) {
  if (std::isnan(number)) value_error("cannot convert float NaN to integer");
  if (std::isinf(number))
    raise(ErrorKind::OverflowError, "cannot convert float infinity to integer");
  if (std::fabs(number) >= 9223372036854775808.0) integer_overflow();
  return Value::integer(static_cast<std::int64_t>(number));
}

Value make_int(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("int", "x=, base=", arguments);
  if (!parameters.has(0)) return Value::integer(0);
  Value x =
      parameters[0].is(Kind::tensor) ? tensor_item(parameters[0]) : plain_number(parameters[0]);
  if (x.is(Kind::string))
    return parsed_integer(interpreter, x, static_cast<int>(parameters.integer(1, 10)));
  if (x.is_integral()) return Value::integer(x.as_integer());
  if (x.is(Kind::real)) return truncated(x.as_real());
  for (const char* method : {"__int__", "__index__"})
    if (x.is(Kind::instance)) {
      Value result = call_special(interpreter, x, method);
      if (result.is_set()) return result;
    }
  type_error("int() argument must be a string, a bytes-like object or a real number, not '{}'",
             type_name(x));
}

Value parsed_real(Interpreter& interpreter, const Value& text) {
  std::string digits = stripped(text_of(text)), lower;
  for (const char c : digits)
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const bool negative = lower.starts_with('-');
  if (negative || lower.starts_with('+')) lower.erase(0, 1);
  double number = 0;
  if (lower == "infinity") lower = "inf";
  const bool begins = !lower.empty() && lower[0] != '-' && lower[0] != '+';
  const auto [end, error] = std::from_chars(lower.data(), lower.data() + lower.size(), number);
  if (!begins || (error != std::errc() && error != std::errc::result_out_of_range) ||
      end != lower.data() + lower.size())
    value_error("could not convert string to float: {}", repr(interpreter, text));
  if (error == std::errc::result_out_of_range) number = std::strtod(lower.c_str(), nullptr);
  return Value::real(negative ? -number : number);
}

Value make_float(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("float", "x=, /", arguments);
  if (!parameters.has(0)) return Value::real(0);
  Value x =
      parameters[0].is(Kind::tensor) ? tensor_item(parameters[0]) : plain_number(parameters[0]);
  if (x.is(Kind::string)) return parsed_real(interpreter, x);
  if (x.is_number()) return Value::real(x.as_real());
  Value result = x.is(Kind::instance) ? call_special(interpreter, x, "__float__") : Value();
  if (!result.is_set())
    type_error("float() argument must be a string or a real number, not '{}'", type_name(x));
  return result;
}

Value make_bool(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("bool", "x=, /", arguments);
  return Value::boolean(parameters.has(0) && truth(interpreter, parameters[0]));
}

Value make_complex(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("complex", "real=, imag=", arguments);
  const auto part = [&](std::size_t i) {
    if (!parameters.has(i)) return std::complex<double>();
    const auto* number = parameters[i].get_if<ComplexNumber>();
    return number ? number->number : std::complex<double>(parameters.real(i));
  };
  return make<ComplexNumber>(part(0) + std::complex<double>(0, 1) * part(1));
}

Value make_str(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("str", "object=", arguments);
  return Value::string(parameters.has(0) ? str(interpreter, parameters[0]) : "");
}

Value make_list(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("list", "iterable=, /", arguments);
  return make<List>(interpreter.heap, parameters.has(0) ? elements_of(interpreter, parameters[0])
                                                        : std::vector<Value>());
}

Value make_tuple(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("tuple", "iterable=, /", arguments);
  return make<Tuple>(parameters.has(0) ? elements_of(interpreter, parameters[0])
                                       : std::vector<Value>());
}

Value make_dict(Interpreter& interpreter, const Arguments& arguments) {
  if (arguments.positional() > 1)
    type_error("dict expected at most 1 argument, got {}", arguments.positional());
  auto dict = make<Dict>(interpreter.heap);
  if (arguments.positional() == 1) {
    if (const Dict* other = arguments[0].get_if<Dict>()) {
      dict->table = other->table;
    } else {
      for (const Value& pair : elements_of(interpreter, arguments[0])) {
        const auto item = elements_of(interpreter, pair);
        if (item.size() != 2)
          value_error("dictionary update sequence element #{} has length {}; 2 is required",
                      dict->table.size(), item.size());
        set_item(interpreter, *dict, item[0], item[1]);
      }
    }
  }
  for (std::size_t k = 0; k < arguments.keywords; ++k)
    dict->set(arguments.names[k].as<Text>(), arguments.named(k));
  return dict;
}

template <bool frozen>
Value make_set(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("set", "iterable=, /", arguments);
  auto set = make<Set>(interpreter.heap, frozen);
  if (parameters.has(0))
    for (const Value& element : elements_of(interpreter, parameters[0]))
      add_to_set(interpreter, *set, element);
  return set;
}

std::int64_t range_bound(Interpreter& interpreter, const Value& value) {
  if (value.is_integral()) return value.as_integer();
  if (const Opaque* opaque = value.get_if<Opaque>())
    if (const auto number = opaque->index()) return *number;
  const Value index = value.is(Kind::tensor) && tensor_is_index(value) ? tensor_item(value)
                      : value.is(Kind::instance) ? call_special(interpreter, value, "__index__")
                                                 : Value();
  if (!index.is_integral())
    type_error("'{}' object cannot be interpreted as an integer", type_name(value));
  return index.as_integer();
}

Value make_range(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("range", "start, stop=, step=, /", arguments);
  const bool one = !parameters.has(1);
  const std::int64_t step = parameters.has(2) ? range_bound(interpreter, parameters[2]) : 1;
  if (step == 0) value_error("range() arg 3 must not be zero");
  return make<Range>(one ? 0 : range_bound(interpreter, parameters[0]),
                     range_bound(interpreter, parameters[one ? 0 : 1]), step);
}

Value make_slice(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("slice", "start, stop=, step=, /", arguments);
  const auto part = [&](std::size_t i) {
    return parameters.has(i) ? parameters[i] : Value::none();
  };
  if (!parameters.has(1)) return make<Slice>(Value::none(), parameters[0], Value::none());
  return make<Slice>(parameters[0], part(1), part(2));
}

Value make_property(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("property", "fget=, fset=, fdel=, doc=", arguments);
  const auto part = [&](std::size_t i) {
    return parameters.has(i) && !parameters[i].is_none() ? parameters[i] : Value();
  };
  return make<Property>(part(0), part(1), part(2));
}

template <Kind kind>
Value make_wrapper(Interpreter&, const Arguments& arguments) {
  return Value(new MethodWrapper(kind, Parameters("method", "function, /", arguments)[0]));
}

/// super() takes the class from the method's cell, and self from its first parameter.
Value make_super(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("super", "type=, obj=, /", arguments);
  if (parameters.has(1)) return make<Super>(Ref<Class>(&parameters[0].as<Class>()), parameters[1]);
  const Frame& frame = *interpreter.frame;
  if (frame.scope.class_cell == Scope::no_slot || frame.scope.variables.empty())
    raise(ErrorKind::RuntimeError, "super(): no arguments");
  const Value& type = frame.slots[frame.scope.class_cell].as<Cell>().value;
  Value self = frame.slots[0];
  if (const Cell* cell = self.get_if<Cell>()) self = Value(cell->value);
  return make<Super>(Ref<Class>(&type.as<Class>()), self);
}

Value make_type_of(Interpreter& interpreter, const Arguments& arguments) {
  if (arguments.count == 1) return interpreter.class_of(arguments[0]);
  const Parameters parameters("type", "name, bases, dict, /", arguments);
  const Tuple* given = parameters[1].get_if<Tuple>();
  const Dict* attributes = parameters[2].get_if<Dict>();
  if (!given || !attributes) type_error("type() argument 2 must be tuple, argument 3 dict");
  std::vector<Ref<Class>> bases;
  for (const Value& base : given->elements) {
    if (!base.is(Kind::klass)) type_error("bases must be types");
    bases.emplace_back(&base.as<Class>());
  }
  if (bases.empty()) bases.push_back(interpreter.object_class);
  const auto type = make<Class>(interpreter.heap, parameters.text(0), std::move(bases));
  type->attributes->set("__module__", Value::string("__main__"));
  type->attributes->set("__doc__", Value::none());
  for (const auto& entry : attributes->table.entries())
    if (entry.key.is(Kind::string)) type->attributes->set(text_of(entry.key), entry.value);
  ClassKeywords keywords;
  finish_class(interpreter, *type, keywords);
  return type;
}

struct TypeRow {
  const char* name;
  Kind kind;
  NativeFunction construct;
};
constexpr TypeRow type_rows[] = {
    {"bool", Kind::boolean, make_bool},
    {"int", Kind::integer, make_int},
    {"float", Kind::real, make_float},
    {"complex", Kind::complex, make_complex},
    {"str", Kind::string, make_str},
    {"bytes", Kind::bytes, nullptr},
    {"list", Kind::list, make_list},
    {"tuple", Kind::tuple, make_tuple},
    {"dict", Kind::dict, make_dict},
    {"set", Kind::set, make_set<false>},
    {"frozenset", Kind::set, make_set<true>},
    {"range", Kind::range, make_range},
    {"slice", Kind::slice, make_slice},
    {"property", Kind::property, make_property},
    {"staticmethod", Kind::static_method, make_wrapper<Kind::static_method>},
    {"classmethod", Kind::class_method, make_wrapper<Kind::class_method>},
    {"super", Kind::super, make_super},
    {"type", Kind::klass, make_type_of},
};

Value property_setter(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("setter", "self, function, /", arguments);
  const Property& old = parameters[0].as<Property>();
  return make<Property>(old.getter, parameters[1], old.deleter);
}
Value property_deleter(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("deleter", "self, function, /", arguments);
  const Property& old = parameters[0].as<Property>();
  return make<Property>(old.getter, old.setter, parameters[1]);
}
Value property_getter(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("getter", "self, function, /", arguments);
  const Property& old = parameters[0].as<Property>();
  return make<Property>(parameters[1], old.setter, old.deleter);
}

/// object.__init__
Value initialize_object(Interpreter&, const Arguments& arguments) {
  if (arguments.count > 1) type_error("{}() takes no arguments", type_name(arguments[0]));
  return Value::none();
}

/// BaseException.__init__
Value initialize_exception(Interpreter&, const Arguments& arguments) {
  std::vector<Value> values(arguments.values + 1, arguments.values + arguments.positional());
  arguments[0].as<Instance>().attributes->set("args", make<Tuple>(std::move(values)));
  return Value::none();
}

}  // namespace

NativeFunction constructor_of(const std::string& type) {
  for (const auto& row : type_rows)
    if (type == row.name) return row.construct;
  return nullptr;
}

void add_builtin_types(Interpreter& interpreter, Module& module) {
  interpreter.object_class->attributes->set("__init__",
                                            make<Builtin>("__init__", initialize_object));
  interpreter.errors[0]->attributes->set("__init__",
                                         make<Builtin>("__init__", initialize_exception));
  for (const auto& row : type_rows) module.set(row.name, interpreter.type(row.name, row.kind));
  constexpr NativeRow property_rows[] = {
      {"deleter", property_deleter}, {"getter", property_getter}, {"setter", property_setter}};
  add_methods(*interpreter.type("property", Kind::property), property_rows);
}

}  // namespace gradient_check::python
