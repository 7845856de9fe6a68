#include "gradient_check/python/runtime/call.h"

#include <algorithm>
#include <array>

#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/class_call.h"
#include "gradient_check/python/runtime/evaluate.h"
#include "gradient_check/python/runtime/execute.h"
#include "gradient_check/python/runtime/generator.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/opaque.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/stack_guard.h"
#include "gradient_check/python/runtime/tensor/tensor_call.h"
#include "gradient_check/python/runtime/unknown.h"

namespace gradient_check::python {
namespace {

/// How much stack the outermost call may use. Threads have 8 MB.
constexpr std::ptrdiff_t usable_stack = 5 << 20;

/// Values in a row: few without the heap.
class ValueBuffer {
 public:
  explicit ValueBuffer(std::size_t count) {
    if (count > few_.size()) many_.resize(count);
  }
  Value* data() { return many_.empty() ? few_.data() : many_.data(); }

 private:
  std::array<Value, 16> few_;
  std::vector<Value> many_;
};

Value call_function(Interpreter& interpreter, const Function& function,
                    const Arguments& arguments) {
  const Scope& scope = function.scope;
  if (scope.is_generator) return make_generator(interpreter, function, arguments);
  ValueBuffer slots(scope.variables.size());
  Frame frame{interpreter, *function.code, scope, slots.data()};
  enter_function(interpreter, function, arguments, slots.data());
  const FrameGuard guard(interpreter, frame);
  interpreter.count_step();
  try {
    if (scope.expression) return evaluate(frame, *scope.expression);
    Value result;
    return execute(frame, *scope.body, result) == Flow::returned ? result : Value::none();
  } catch (Raised& raised) {
    note_place(raised, frame);
    throw;
  } catch (LimitReached& limit) {
    note_place(limit, frame);
    throw;
  }
}

/// Evaluates a Call's arguments, behind `first` slots that are left free.
class EvaluatedArguments {
 public:
  EvaluatedArguments(Frame& frame, const ast::Call& call, std::size_t first) {
    const bool is_plain =
        std::none_of(call.args.begin(), call.args.end(),
                     [](const auto& argument) { return argument->template as<ast::Starred>(); }) &&
        std::all_of(call.keywords.begin(), call.keywords.end(),
                    [](const auto& keyword) { return keyword.arg.has_value(); });
    count_ = first + call.args.size() + call.keywords.size();
    if (is_plain && count_ <= few_.size()) {
      Value* next = few_.data() + first;
      for (const auto& argument : call.args) *next++ = evaluate(frame, *argument);
      for (const auto& keyword : call.keywords) *next++ = evaluate(frame, *keyword.value);
      for (const auto& keyword : call.keywords) names_.push_back(frame.code.constants[keyword.id]);
      return;
    }
    many_.resize(first);
    unpack(frame, call);
    count_ = many_.size();
  }

  Value& operator[](std::size_t index) { return values()[index]; }
  Arguments all() { return {values(), count_, names_.data(), names_.size()}; }

 private:
  Value* values() { return many_.empty() ? few_.data() : many_.data(); }

  void unpack(Frame& frame, const ast::Call& call) {
    for (const auto& argument : call.args) {
      const auto* starred = argument->as<ast::Starred>();
      if (!starred) {
        many_.push_back(evaluate(frame, *argument));
        continue;
      }
      const Value iterable = evaluate(frame, *starred->value);
      frame.at = argument.get();
      for (Value& element : elements_of(frame.interpreter, iterable))
        many_.push_back(std::move(element));
    }
    for (const auto& keyword : call.keywords) {
      const Value value = evaluate(frame, *keyword.value);
      if (keyword.arg) {
        add_keyword(frame.code.constants[keyword.id], value);
        continue;
      }
      frame.at = &keyword;
      const Dict* dict = value.get_if<Dict>();
      if (!dict) type_error("argument after ** must be a mapping, not {}", type_name(value));
      for (const auto& entry : dict->table.entries())
        if (entry.key.is_set()) {
          if (!entry.key.is(Kind::string)) type_error("keywords must be strings");
          add_keyword(entry.key, entry.value);
        }
    }
  }
  void add_keyword(const Value& name, const Value& value) {
    names_.push_back(name);
    many_.push_back(value);
  }

  std::array<Value, 8> few_;
  std::vector<Value> many_;
  std::vector<Value> names_;
  std::size_t count_ = 0;
};

void tell_observer(Frame& frame, const ast::Expression& node, const Value& callee,
                   const Arguments& arguments) {
  if (frame.interpreter.observer) [[unlikely]]
    frame.interpreter.observer->called(frame, node, callee, arguments);
}

/// module.name, whose slot in the module is remembered.
Value module_function(Interpreter& interpreter, const Value& object, const Text& name,
                      NodeCache& cache) {
  Module& module = object.as<Module>();
  if (cache.key == &module)
    if (const Value& value = module.values[cache.slot]; value.is_set()) return value;
  Value found = get_attribute(interpreter, object, name);
  if (const auto slot = module.slots.find(name.text); slot != module.slots.end()) {
    cache.key = &module;
    cache.slot = slot->second;
  }
  return found;
}

/// object.name(…) without making a bound method.
Value call_method(Frame& frame, const ast::Expression& node, const ast::Call& call,
                  const ast::Attribute& attribute, const ast::Expression& func) {
  Interpreter& interpreter = frame.interpreter;
  const Value object = evaluate(frame, *attribute.value);
  const Text& name = frame.code.constants[func.id].as<Text>();
  frame.at = &func;
  const bool is_tensor = object.is(Kind::tensor);
  const Value* method = nullptr;
  if (!is_tensor && !object.is(Kind::module) && !object.is(Kind::klass) &&
      !object.is(Kind::super)) {
    bool is_plain = true;
    if (const Instance* instance = object.get_if<Instance>()) {
      is_plain = !instance->of->has_getattribute && !instance->attributes->find(name);
    } else if (object.is_object() && object.as_object()->is_derived) {
      is_plain = false;
    }
    if (is_plain) method = find_in_class(interpreter, object, name);
    if (method && !method->is(Kind::function) && !method->is(Kind::builtin)) method = nullptr;
  }
  NodeCache& cache = frame.code.caches[func.id];
  const Value callee = method                    ? *method
                       : is_tensor               ? tensor_method(interpreter, object, name, cache)
                       : object.is(Kind::module) ? module_function(interpreter, object, name, cache)
                                                 : get_attribute(interpreter, object, name);
  const std::size_t self = method || is_tensor ? 1 : 0;
  EvaluatedArguments arguments(frame, call, self);
  if (self) arguments[0] = object;
  frame.at = &node;
  tell_observer(frame, node, callee, arguments.all());
  return python::call(interpreter, callee, arguments.all());
}

/// Runs what is written in C++; where it fails for an argument that is not here, that is the error.
template <typename Body>
Value with_known(const Arguments& arguments, const Body& body) {
  try {
    return body();
  } catch (const Raised&) {
    need_known(arguments.values, arguments.count);
    throw;
  }
}

}  // namespace

FrameGuard::FrameGuard(Interpreter& interpreter, Frame& frame)
    : interpreter_(interpreter), caller_(interpreter.frame) {
  const char* here = static_cast<const char*>(__builtin_frame_address(0));
  if (interpreter.depth == 0) interpreter.stack_end = here - usable_stack;
  if (interpreter.depth >= interpreter.limits.recursion || here < interpreter.stack_end)
    raise(ErrorKind::RecursionError, "maximum recursion depth exceeded");
  ++interpreter.depth;
  frame.caller = caller_;
  interpreter.frame = &frame;
}

FrameGuard::~FrameGuard() {
  --interpreter_.depth;
  interpreter_.frame = caller_;
}

void enter_function(Interpreter& interpreter, const Function& function, const Arguments& arguments,
                    Value* slots) {
  bind_arguments(interpreter, function, arguments, slots);
  const Scope& scope = function.scope;
  for (std::size_t i = 0; i < scope.free.size(); ++i)
    slots[scope.free[i].own] = function.closure[i];
  for (const std::uint32_t cell : scope.cells)
    slots[cell] = make<Cell>(interpreter.heap, std::move(slots[cell]));
}

Value call(Interpreter& interpreter, const Value& callee, const Arguments& arguments) {
  guard_stack(interpreter);
  switch (callee.kind()) {
    case Kind::function:
      return call_function(interpreter, callee.as<Function>(), arguments);
    case Kind::builtin:
      return with_known(arguments,
                        [&] { return callee.as<Builtin>().function(interpreter, arguments); });
    case Kind::opaque:
      return with_known(arguments,
                        [&] { return callee.as<Opaque>().call(interpreter, arguments); });
    case Kind::klass:
      if (callee.as<Class>().construct)
        return with_known(arguments,
                          [&] { return callee.as<Class>().construct(interpreter, arguments); });
      return call_class(interpreter, callee.as<Class>(), arguments);
    case Kind::bound_method: {
      const auto& method = callee.as<BoundMethod>();
      return call_with_first(interpreter, method.function, method.self, arguments);
    }
    case Kind::static_method:
      return call(interpreter, callee.as<MethodWrapper>().function, arguments);
    default:
      break;
  }
  static const Text call_name("__call__");
  if (callee.is(Kind::instance))
    if (const Value* method = find_in_class(interpreter, callee, call_name))
      return call_with_first(interpreter, *method, callee, arguments);
  type_error("'{}' object is not callable", type_name(callee));
}

Value call(Interpreter& interpreter, const Value& callee, std::initializer_list<Value> arguments) {
  std::vector<Value> values(arguments);
  return call(interpreter, callee, Arguments{values.data(), values.size()});
}

Value call_with_first(Interpreter& interpreter, const Value& callee, const Value& first,
                      const Arguments& arguments) {
  ValueBuffer values(arguments.count + 1);
  values.data()[0] = first;
  std::copy(arguments.values, arguments.values + arguments.count, values.data() + 1);
  return call(interpreter, callee,
              Arguments{values.data(), arguments.count + 1, arguments.names, arguments.keywords});
}

Value call_special(Interpreter& interpreter, const Value& self, const char* method,
                   std::initializer_list<Value> arguments) {
  const Value* found = find_in_class(interpreter, self, Text(method));
  if (!found) return {};
  std::vector<Value> values{self};
  values.insert(values.end(), arguments);
  const bool is_static = found->is(Kind::static_method);
  return call(interpreter, *found, Arguments{values.data() + is_static, values.size() - is_static});
}

Value evaluate_call(Frame& frame, const ast::Expression& node, const ast::Call& form) {
  if (const auto* attribute = form.func->as<ast::Attribute>())
    return call_method(frame, node, form, *attribute, *form.func);
  const Value callee = evaluate(frame, *form.func);
  EvaluatedArguments arguments(frame, form, 0);
  frame.at = &node;
  tell_observer(frame, node, callee, arguments.all());
  return call(frame.interpreter, callee, arguments.all());
}

}  // namespace gradient_check::python
