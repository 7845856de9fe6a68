#include "gradient_check/python/runtime/exception_attributes.h"

#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/sequence.h"

namespace gradient_check::python {
namespace {

const Text context_name("__context__");

Value exception_with_traceback(Interpreter&, const Arguments& arguments) {
  return Parameters("with_traceback", "self, tb, /", arguments)[0];
}

Value exception_add_note(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("add_note", "self, note, /", arguments);
  parameters.text(1);
  const Text notes_name("__notes__");
  Dict& attributes = *parameters[0].as<Instance>().attributes;
  if (!attributes.find(notes_name)) attributes.set("__notes__", make<List>(interpreter.heap));
  attributes.find(notes_name)->as<List>().elements.push_back(parameters[1]);
  return Value::none();
}

/// Whether `context` hangs on `exception` already, whose chain it would close.
bool is_in_chain(const Value& exception, const Value& context) {
  Value at = context;
  for (int depth = 0; depth < 1000 && at.is(Kind::instance); ++depth) {
    if (at.same(exception)) return true;
    const Value* next = at.as<Instance>().attributes->find(context_name);
    at = next ? *next : Value();
  }
  return false;
}

}  // namespace

Value exception_attribute(Interpreter& interpreter, const Value& exception, const Text& name) {
  const Instance& instance = exception.as<Instance>();
  if (name.text == "__cause__" || name.text == "__context__" || name.text == "__traceback__")
    return Value::none();
  if (name.text == "__suppress_context__") return Value::boolean(false);
  if (name.text == "value" && instance.of->error == ErrorKind::StopIteration) {
    const Value* arguments = instance.attributes->find(Text("args"));
    const Tuple* values = arguments ? arguments->get_if<Tuple>() : nullptr;
    return values && !values->elements.empty() ? values->elements[0] : Value::none();
  }
  if (name.text == "with_traceback")
    return make<BoundMethod>(interpreter.heap, exception,
                             make<Builtin>("with_traceback", exception_with_traceback));
  if (name.text == "add_note")
    return make<BoundMethod>(interpreter.heap, exception,
                             make<Builtin>("add_note", exception_add_note));
  return {};
}

void set_cause(Interpreter& interpreter, const Value& exception, const Value& cause) {
  const Class* type = cause.get_if<Class>();
  const Value made = type && type->error ? call(interpreter, cause, {}) : cause;
  const Instance* instance = made.get_if<Instance>();
  if (!made.is_none() && (!instance || !instance->of->error))
    type_error("exception causes must derive from BaseException");
  exception.as<Instance>().attributes->set("__cause__", made);
  exception.as<Instance>().attributes->set("__suppress_context__", Value::boolean(true));
}

void set_context(const Value& exception, const Value& handled) {
  if (!handled.is_set() || is_in_chain(exception, handled)) return;
  Dict& attributes = *exception.as<Instance>().attributes;
  if (!attributes.find(context_name)) attributes.set("__context__", handled);
}

void note_context(Frame& frame, Raised& raised) {
  for (const Frame* at = &frame; at; at = at->caller) {
    if (!at->handled || !at->handled->instance.is_set()) continue;
    raised.instance = frame.interpreter.exception_of(raised);
    return set_context(raised.instance, at->handled->instance);
  }
}

}  // namespace gradient_check::python
