#include <algorithm>
#include <cmath>
#include <numeric>

#include "gradient_check/python/modules/table.h"
#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/format.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/opaque.h"
#include "gradient_check/python/runtime/operators.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/sequence_operators.h"
#include "gradient_check/python/runtime/stack_guard.h"
#include "gradient_check/python/runtime/subscript.h"
#include "gradient_check/python/runtime/tensor/tensor_call.h"

namespace gradient_check::python {
namespace {

using ast::BinaryOperator;
using ast::ComparisonOperator;

Value builtin_abs(Interpreter& interpreter, const Arguments& arguments) {
  const Value x = Parameters("abs", "x, /", arguments)[0];
  if (x.is_integral() && x.as_integer() == INT64_MIN) integer_overflow();
  if (x.is_integral()) return Value::integer(std::abs(x.as_integer()));
  if (x.is(Kind::real)) return Value::real(std::fabs(x.as_real()));
  const Text name(x.is(Kind::tensor) ? "abs" : "__abs__");
  Value method = find_attribute(interpreter, x, name);
  if (!method.is_set()) type_error("bad operand type for abs(): '{}'", type_name(x));
  return call(interpreter, method, {});
}

/// any() and all(): the first element whose truth is `decisive` decides.
Value decided(Interpreter& interpreter, const Value& iterable, bool decisive) {
  const Ref<Iterator> iterator = iterate(interpreter, iterable);
  Value element;
  while (iterator->next(interpreter, element))
    if (truth(interpreter, element) == decisive) return Value::boolean(decisive);
  return Value::boolean(!decisive);
}
Value builtin_all(Interpreter& interpreter, const Arguments& arguments) {
  return decided(interpreter, Parameters("all", "iterable, /", arguments)[0], false);
}
Value builtin_any(Interpreter& interpreter, const Arguments& arguments) {
  return decided(interpreter, Parameters("any", "iterable, /", arguments)[0], true);
}

Value builtin_callable(Interpreter& interpreter, const Arguments& arguments) {
  const Value x = Parameters("callable", "obj, /", arguments)[0];
  switch (x.kind()) {
    case Kind::function:
    case Kind::builtin:
    case Kind::bound_method:
    case Kind::klass:
    case Kind::opaque:
      return Value::boolean(true);
    default:
      return Value::boolean(x.is(Kind::instance) &&
                            find_in_class(interpreter, x, Text("__call__")));
  }
}

Value builtin_chr(Interpreter&, const Arguments& arguments) {
  const std::int64_t code = Parameters("chr", "i, /", arguments).integer(0);
  if (code < 0 || code > 0x10ffff) value_error("chr() arg not in range(0x110000)");
  std::string text;
  const auto add = [&](std::int64_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xc0 | code >> 6);
    add(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    add(0xe0 | code >> 12);
    add(0x80 | (code >> 6 & 0x3f));
    add(0x80 | (code & 0x3f));
  } else {
    add(0xf0 | code >> 18);
    add(0x80 | (code >> 12 & 0x3f));
    add(0x80 | (code >> 6 & 0x3f));
    add(0x80 | (code & 0x3f));
  }
  return Value::string(text);
}

Value builtin_ord(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("ord", "c, /", arguments);
  const Text text(parameters.text(0));
  if (length(text) != 1)
    type_error("ord() expected a character, but string of length {} found", length(text));
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text.text[i]); };
  std::int64_t code = byte(0);
  if (text.text.size() > 1) {
    code &= 0xff >> (text.text.size() + 1);
    for (std::size_t i = 1; i < text.text.size(); ++i) code = code << 6 | (byte(i) & 0x3f);
  }
  return Value::integer(code);
}

Value builtin_divmod(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("divmod", "a, b, /", arguments);
  Value quotient = binary(interpreter, BinaryOperator::FloorDiv, parameters[0], parameters[1]);
  return make<Tuple>(std::vector{
      std::move(quotient), binary(interpreter, BinaryOperator::Mod, parameters[0], parameters[1])});
}

Value builtin_format(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("format", "value, format_spec=, /", arguments);
  return Value::string(
      format_value(interpreter, parameters[0], parameters.has(1) ? parameters.text(1) : ""));
}

Value builtin_getattr(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("getattr", "object, name, default=, /", arguments);
  parameters.text(1);
  const Text& name = parameters[1].as<Text>();
  if (!parameters.has(2)) return get_attribute(interpreter, parameters[0], name);
  Value found;
  try {
    found = find_attribute(interpreter, parameters[0], name);
  } catch (const Raised& raised) {
    if (raised.kind != ErrorKind::AttributeError) throw;
  }
  return found.is_set() ? found : parameters[2];
}

Value builtin_hasattr(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("hasattr", "obj, name, /", arguments);
  parameters.text(1);
  try {
    return Value::boolean(
        find_attribute(interpreter, parameters[0], parameters[1].as<Text>()).is_set());
  } catch (const Raised& raised) {
    if (raised.kind != ErrorKind::AttributeError) throw;
    return Value::boolean(false);
  }
}

Value builtin_setattr(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("setattr", "obj, name, value, /", arguments);
  parameters.text(1);
  set_attribute(interpreter, parameters[0], parameters[1].as<Text>(), parameters[2]);
  return Value::none();
}

Value builtin_hash(Interpreter& interpreter, const Arguments& arguments) {
  return Value::integer(
      static_cast<std::int64_t>(hash_of(interpreter, Parameters("hash", "obj, /", arguments)[0])));
}

Value builtin_id(Interpreter&, const Arguments& arguments) {
  return Value::integer(Parameters("id", "obj, /", arguments)[0].as_integer());
}

bool is_instance(Interpreter& interpreter, const Value& value, const Value& type) {
  guard_stack(interpreter);
  if (const Tuple* types = type.get_if<Tuple>())
    return std::any_of(types->elements.begin(), types->elements.end(),
                       [&](const Value& one) { return is_instance(interpreter, value, one); });
  if (type.is_none()) return value.is_none();
  const Class* wanted = type.get_if<Class>();
  if (!wanted) {
    if (type.is(Kind::opaque)) return false;
    type_error("isinstance() arg 2 must be a type, a tuple of types, or a union");
  }
  if (value.is(Kind::opaque) && value.as<Opaque>().is_unknown()) return value.as<Opaque>().truth();
  return interpreter.class_of(value)->derives_from(*wanted);
}
Value builtin_isinstance(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("isinstance", "obj, class_or_tuple, /", arguments);
  return Value::boolean(is_instance(interpreter, parameters[0], parameters[1]));
}

Value builtin_issubclass(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("issubclass", "cls, class_or_tuple, /", arguments);
  const Class* type = parameters[0].get_if<Class>();
  if (!type) type_error("issubclass() arg 1 must be a class");
  std::vector<Value> candidates{parameters[1]};
  if (const Tuple* tuple = parameters[1].get_if<Tuple>()) candidates = tuple->elements;
  return Value::boolean(std::any_of(candidates.begin(), candidates.end(), [&](const Value& one) {
    const Class* base = one.get_if<Class>();
    return base && type->derives_from(*base);
  }));
}

Value builtin_len(Interpreter& interpreter, const Arguments& arguments) {
  return Value::integer(length_of(interpreter, Parameters("len", "obj, /", arguments)[0]));
}

/// max() and min(), of one iterable or of the arguments themselves.
Value extreme(Interpreter& interpreter, const char* name, const Arguments& arguments,
              ComparisonOperator better) {
  Value key, otherwise;
  for (std::size_t k = 0; k < arguments.keywords; ++k) {
    if (arguments.name(k) == "key")
      key = arguments.named(k);
    else if (arguments.name(k) == "default")
      otherwise = arguments.named(k);
    else
      type_error("{}() got an unexpected keyword argument '{}'", name, arguments.name(k));
  }
  if (arguments.positional() == 0) type_error("{} expected at least 1 argument, got 0", name);
  std::vector<Value> candidates(arguments.values, arguments.values + arguments.positional());
  if (candidates.size() == 1) candidates = elements_of(interpreter, Value(candidates[0]));
  if (candidates.empty()) {
    if (otherwise.is_set()) return otherwise;
    value_error("{}() arg is an empty sequence", name);
  }
  const auto key_of = [&](const Value& value) {
    return key.is_set() && !key.is_none() ? call(interpreter, key, {value}) : value;
  };
  std::size_t best = 0;
  Value best_key = key_of(candidates[0]);
  for (std::size_t i = 1; i < candidates.size(); ++i) {
    Value candidate = key_of(candidates[i]);
    if (!truth(interpreter, compare(interpreter, better, candidate, best_key))) continue;
    best = i;
    best_key = std::move(candidate);
  }
  return candidates[best];
}
Value builtin_max(Interpreter& interpreter, const Arguments& arguments) {
  return extreme(interpreter, "max", arguments, ComparisonOperator::Gt);
}
Value builtin_min(Interpreter& interpreter, const Arguments& arguments) {
  return extreme(interpreter, "min", arguments, ComparisonOperator::Lt);
}

Value builtin_pow(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("pow", "base, exp, mod=", arguments);
  if (!parameters.has(2) || parameters[2].is_none())
    return binary(interpreter, BinaryOperator::Pow, parameters[0], parameters[1]);
  const std::int64_t modulus = parameters.integer(2);
  std::int64_t exponent = parameters.integer(1);
  if (modulus == 0) value_error("pow() 3rd argument cannot be 0");
  if (exponent < 0)
    raise(ErrorKind::NotImplementedError,
          "pow() with a negative exponent and a modulus is not supported");
  __int128 base = parameters.integer(0) % modulus, result = 1 % modulus;
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result = result * base % modulus;
    base = base * base % modulus;
  }
  if (result != 0 && (result < 0) != (modulus < 0)) result += modulus;
  return Value::integer(static_cast<std::int64_t>(result));
}

Value builtin_print(Interpreter& interpreter, const Arguments& arguments) {
  std::string separator = " ", end = "\n", line;
  for (std::size_t k = 0; k < arguments.keywords; ++k) {
    if (arguments.named(k).is_none()) continue;
    if (arguments.name(k) == "sep") separator = text_of(arguments.named(k));
    if (arguments.name(k) == "end") end = text_of(arguments.named(k));
  }
  for (std::size_t i = 0; i < arguments.positional(); ++i)
    line += (i ? separator : "") + str(interpreter, arguments[i]);
  if (interpreter.print) interpreter.print(line + end);
  return Value::none();
}

Value builtin_repr(Interpreter& interpreter, const Arguments& arguments) {
  return Value::string(repr(interpreter, Parameters("repr", "obj, /", arguments)[0]));
}

/// Correctly rounded decimal places, half to even, as in Python.
double rounded(double number, std::int64_t places) {
  if (!std::isfinite(number) || places > 300) return number;
  if (places >= 0) return std::stod(fmt::format("{:.{}f}", number, places));
  if (places < -308) return 0;
  const double power = std::pow(10.0, static_cast<double>(-places));
  return std::nearbyint(number / power) * power;
}

Value builtin_round(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("round", "number, ndigits=", arguments);
  const bool to_integer = !parameters.has(1) || parameters[1].is_none();
  // NumPy's numbers round to places as its arrays do, not as Python's floats.
  if (parameters[0].is(Kind::opaque) && !to_integer)
    if (const Value own = find_attribute(interpreter, parameters[0], Text("round")); own.is_set())
      return call(interpreter, own, {parameters[1]});
  const Value number = plain_number(parameters[0]);
  if (number.is_integral()) {
    if (to_integer || parameters.integer(1) >= 0) return Value::integer(number.as_integer());
    const double power = std::pow(10.0, static_cast<double>(-parameters.integer(1)));
    return Value::integer(static_cast<std::int64_t>(
        std::nearbyint(static_cast<double>(number.as_integer()) / power) * power));
  }
  if (!number.is(Kind::real)) {
    Value method =
        find_attribute(interpreter, number, Text(number.is(Kind::tensor) ? "round" : "__round__"));
    if (!method.is_set()) type_error("type {} doesn't define __round__ method", type_name(number));
    return call(interpreter, method, {});
  }
  if (!to_integer) return Value::real(rounded(number.as_real(), parameters.integer(1)));
  if (std::isnan(number.as_real())) value_error("cannot convert float NaN to integer");
  if (std::isinf(number.as_real()))
    raise(ErrorKind::OverflowError, "cannot convert float infinity to integer");
  const double result = std::nearbyint(number.as_real());
  if (std::fabs(result) >= 9223372036854775808.0) integer_overflow();
  return Value::integer(static_cast<std::int64_t>(result));
}

Value builtin_sum(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("sum", "iterable, /, start=", arguments);
  const Ref<Iterator> iterator = iterate(interpreter, parameters[0]);
  Value total = parameters.has(1) ? parameters[1] : Value::integer(0), element;
  if (total.is(Kind::string)) type_error("sum() can't sum strings [use ''.join(seq) instead]");
  while (iterator->next(interpreter, element)) {
    interpreter.count_step();
    total = binary(interpreter, BinaryOperator::Add, total, element);
  }
  return total;
}

Value builtin_vars(Interpreter& interpreter, const Arguments& arguments) {
  return get_attribute(interpreter, Parameters("vars", "object, /", arguments)[0],
                       Text("__dict__"));
}

template <char type>
Value in_base(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("hex", "number, /", arguments);
  parameters.integer(0);
  return Value::string(format_value(interpreter, parameters[0], std::string("#") + type));
}

constexpr NativeRow builtin_rows[] = {
    {"abs", builtin_abs},
    {"all", builtin_all},
    {"any", builtin_any},
    {"bin", in_base<'b'>},
    {"callable", builtin_callable},
    {"chr", builtin_chr},
    {"divmod", builtin_divmod},
    {"format", builtin_format},
    {"getattr", builtin_getattr},
    {"hasattr", builtin_hasattr},
    {"hash", builtin_hash},
    {"hex", in_base<'x'>},
    {"id", builtin_id},
    {"isinstance", builtin_isinstance},
    {"issubclass", builtin_issubclass},
    {"len", builtin_len},
    {"max", builtin_max},
    {"min", builtin_min},
    {"oct", in_base<'o'>},
    {"ord", builtin_ord},
    {"pow", builtin_pow},
    {"print", builtin_print},
    {"repr", builtin_repr},
    {"round", builtin_round},
    {"setattr", builtin_setattr},
    {"sorted", sorted_list},
    {"sum", builtin_sum},
    {"vars", builtin_vars},
};

}  // namespace

void add_builtin_functions(Module& module) { add_functions(module, builtin_rows); }

}  // namespace gradient_check::python
