#include "gradient_check/python/modules/table.h"
#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/generator.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/operators.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/sequence_operators.h"
#include "gradient_check/python/runtime/stack_guard.h"
#include "gradient_check/python/runtime/subscript.h"

namespace gradient_check::python {
namespace {

/// For Iterator::surrender.
void surrender_iterator(Ref<Iterator>& iterator, Condemned& condemned) {
  Value held(iterator);
  iterator = nullptr;
  held.surrender(condemned);
}

struct Enumerate : Iterator {
  Enumerate(Heap& owner, Ref<Iterator> over, std::int64_t start)
      : Iterator(owner), of(std::move(over)), index(start) {}
  bool next(Interpreter& interpreter, Value& element) override {
    guard_stack(interpreter);
    if (!of->next(interpreter, element)) return false;
    element = make<Tuple>(std::vector{Value::integer(index++), element});
    return true;
  }
  void surrender(Condemned& condemned) override { surrender_iterator(of, condemned); }
  const char* type_name() const override { return "enumerate"; }
  Ref<Iterator> of;
  std::int64_t index;
};

struct Zip : Iterator {
  Zip(Heap& owner, std::vector<Ref<Iterator>> over, bool is_strict)
      : Iterator(owner), of(std::move(over)), strict(is_strict) {}
  bool next(Interpreter& interpreter, Value& element) override {
    guard_stack(interpreter);
    std::vector<Value> elements(of.size());
    for (std::size_t i = 0; i < of.size(); ++i) {
      if (of[i]->next(interpreter, elements[i])) continue;
      if (strict && i > 0)
        value_error("zip() argument {} is shorter than argument{}", i + 1,
                    i == 1 ? " 1" : fmt::format("s 1-{}", i));
      if (strict)
        for (std::size_t k = 1; k < of.size(); ++k)
          if (of[k]->next(interpreter, element))
            value_error("zip() argument {} is longer than argument{}", k + 1,
                        k == 1 ? " 1" : fmt::format("s 1-{}", k));
      return false;
    }
    element = make<Tuple>(std::move(elements));
    return !of.empty();
  }
  void surrender(Condemned& condemned) override {
    for (Ref<Iterator>& iterator : of) surrender_iterator(iterator, condemned);
  }
  const char* type_name() const override { return "zip"; }
  std::vector<Ref<Iterator>> of;
  bool strict;
};

struct Map : Zip {
  Map(Heap& owner, Value applied, std::vector<Ref<Iterator>> over)
      : Zip(owner, std::move(over), false), function(std::move(applied)) {}
  bool next(Interpreter& interpreter, Value& element) override {
    guard_stack(interpreter);
    Value arguments;
    if (!Zip::next(interpreter, arguments)) return false;
    auto& values = arguments.as<Tuple>().elements;
    element = call(interpreter, function, Arguments{values.data(), values.size()});
    return true;
  }
  void surrender(Condemned& condemned) override {
    Zip::surrender(condemned);
    function.surrender(condemned);
  }
  const char* type_name() const override { return "map"; }
  Value function;
};

struct Filter : Iterator {
  Filter(Heap& owner, Value applied, Ref<Iterator> over)
      : Iterator(owner), function(std::move(applied)), of(std::move(over)) {}
  bool next(Interpreter& interpreter, Value& element) override {
    guard_stack(interpreter);
    while (of->next(interpreter, element)) {
      interpreter.count_step();
      if (truth(interpreter, function.is_none() ? element : call(interpreter, function, {element})))
        return true;
    }
    return false;
  }
  void surrender(Condemned& condemned) override {
    function.surrender(condemned);
    surrender_iterator(of, condemned);
  }
  const char* type_name() const override { return "filter"; }
  Value function;
  Ref<Iterator> of;
};

struct Reversed : Iterator {
  Reversed(Interpreter& interpreter, Value over)
      : Iterator(interpreter.heap), of(std::move(over)), left(length_of(interpreter, of)) {}
  bool next(Interpreter& interpreter, Value& element) override {
    guard_stack(interpreter);
    if (left == 0) return false;
    element = get_item(interpreter, of, Value::integer(--left));
    return true;
  }
  void surrender(Condemned& condemned) override { of.surrender(condemned); }
  const char* type_name() const override { return "reversed"; }
  Value of;
  std::int64_t left;
};

Value builtin_enumerate(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("enumerate", "iterable, start=", arguments);
  return make<Enumerate>(interpreter.heap, iterate(interpreter, parameters[0]),
                         parameters.integer(1, 0));
}

std::vector<Ref<Iterator>> iterators(Interpreter& interpreter, const Arguments& arguments,
                                     std::size_t from) {
  std::vector<Ref<Iterator>> all;
  for (std::size_t i = from; i < arguments.positional(); ++i)
    all.push_back(iterate(interpreter, arguments[i]));
  return all;
}

Value builtin_zip(Interpreter& interpreter, const Arguments& arguments) {
  const bool strict = arguments.keywords == 1 && arguments.name(0) == "strict" &&
                      truth(interpreter, arguments.named(0));
  return make<Zip>(interpreter.heap, iterators(interpreter, arguments, 0), strict);
}

Value builtin_map(Interpreter& interpreter, const Arguments& arguments) {
  if (arguments.positional() < 2) type_error("map() must have at least two arguments.");
  return make<Map>(interpreter.heap, arguments[0], iterators(interpreter, arguments, 1));
}

Value builtin_filter(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("filter", "function, iterable, /", arguments);
  return make<Filter>(interpreter.heap, parameters[0], iterate(interpreter, parameters[1]));
}

Value builtin_reversed(Interpreter& interpreter, const Arguments& arguments) {
  const Value sequence = Parameters("reversed", "sequence, /", arguments)[0];
  switch (sequence.kind()) {
    case Kind::list:
    case Kind::tuple:
    case Kind::string:
    case Kind::range:
    case Kind::tensor:
    case Kind::opaque:
      return make<Reversed>(interpreter, sequence);
    case Kind::dict: {
      Value keys = make<List>(interpreter.heap, elements_of(interpreter, sequence));
      return make<Reversed>(interpreter, keys);
    }
    default:
      break;
  }
  const Value own =
      sequence.is(Kind::instance) ? call_special(interpreter, sequence, "__reversed__") : Value();
  if (own.is_set()) return own;
  if (!sequence.is(Kind::instance))
    type_error("'{}' object is not reversible", type_name(sequence));
  return make<Reversed>(interpreter, sequence);
}

/// iter(callable, sentinel)
struct CallIterator : Iterator {
  CallIterator(Heap& owner, Value called, Value end)
      : Iterator(owner), function(std::move(called)), sentinel(std::move(end)) {}
  void surrender(Condemned& condemned) override {
    function.surrender(condemned);
    sentinel.surrender(condemned);
  }
  bool next(Interpreter& interpreter, Value& element) override {
    guard_stack(interpreter);
    if (!function.is_set()) return false;
    try {
      element = call(interpreter, function, {});
    } catch (const Raised& raised) {
      if (raised.kind != ErrorKind::StopIteration) throw;
      function = Value();
      return false;
    }
    if (!equal(interpreter, element, sentinel)) return true;
    function = Value();
    return false;
  }
  const char* type_name() const override { return "callable_iterator"; }
  Value function, sentinel;
};

Value builtin_iter(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("iter", "object, sentinel=, /", arguments);
  if (parameters.has(1)) return make<CallIterator>(interpreter.heap, parameters[0], parameters[1]);
  if (parameters[0].is(Kind::instance)) {
    static const Text iter_name("__iter__");
    // Its own iterator, whatever that is, not one around it.
    if (find_in_class(interpreter, parameters[0], iter_name)) {
      const Value made = call_special(interpreter, parameters[0], "__iter__");
      if (made.is(Kind::instance)) return made;
      return iterate(interpreter, made);
    }
  }
  return iterate(interpreter, parameters[0]);
}

[[noreturn]] void raise_stop(const Iterator& iterator) {
  Raised raised(ErrorKind::StopIteration, "");
  if (const Value made = iterator.returned(); made.is_set() && !made.is_none())
    raised.argument = made;
  throw raised;
}

Value builtin_next(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("next", "iterator, default=, /", arguments);
  Value element;
  if (parameters[0].is(Kind::instance)) {
    try {
      element = call_special(interpreter, parameters[0], "__next__");
    } catch (const Raised& raised) {
      if (raised.kind != ErrorKind::StopIteration || !parameters.has(1)) throw;
      return parameters[1];
    }
    if (element.is_set()) return element;
  }
  if (!parameters[0].is(Kind::iterator))
    type_error("'{}' object is not an iterator", type_name(parameters[0]));
  Iterator& iterator = parameters[0].as<Iterator>();
  if (iterator.next(interpreter, element)) return element;
  if (parameters.has(1)) return parameters[1];
  raise_stop(iterator);
}

constexpr NativeRow iteration_rows[] = {
    {"enumerate", builtin_enumerate},
    {"filter", builtin_filter},
    {"iter", builtin_iter},
    {"map", builtin_map},
    {"next", builtin_next},
    {"reversed", builtin_reversed},
    {"zip", builtin_zip},
};

Value iterator_send(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("send", "self, value, /", arguments);
  Value element;
  if (send(interpreter, parameters[0].as<Iterator>(), parameters[1], element)) return element;
  raise_stop(parameters[0].as<Iterator>());
}

Value iterator_throw(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("throw", "self, typ, val=, tb=, /", arguments);
  Value exception = parameters.has(2) && !parameters[2].is_none() ? parameters[2] : parameters[1];
  if (const Class* type = exception.get_if<Class>(); type && type->error)
    exception = call(interpreter, exception, {});
  const Instance* instance = exception.get_if<Instance>();
  if (!instance || !instance->of->error)
    type_error("exceptions must be classes or instances deriving from BaseException, not {}",
               type_name(exception));
  Value element;
  if (throw_into(interpreter, parameters[0].as<Iterator>(), exception, element)) return element;
  raise_stop(parameters[0].as<Iterator>());
}

Value iterator_close(Interpreter& interpreter, const Arguments& arguments) {
  close(interpreter, Parameters("close", "self, /", arguments)[0].as<Iterator>());
  return Value::none();
}

constexpr NativeRow iterator_methods[] = {{"__next__", builtin_next},
                                          {"__iter__", builtin_iter},
                                          {"send", iterator_send},
                                          {"throw", iterator_throw},
                                          {"close", iterator_close}};

}  // namespace

void add_iteration_functions(Module& module) { add_functions(module, iteration_rows); }
void add_iterator_methods(Class& type) { add_methods(type, iterator_methods); }

}  // namespace gradient_check::python
