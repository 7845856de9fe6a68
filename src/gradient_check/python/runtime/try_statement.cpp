#include "gradient_check/python/runtime/try_statement.h"

#include <algorithm>
#include <utility>

#include "gradient_check/python/runtime/assign.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/evaluate.h"
#include "gradient_check/python/runtime/exception_attributes.h"
#include "gradient_check/python/runtime/format.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/opaque.h"
#include "gradient_check/python/runtime/operators.h"
#include "gradient_check/python/runtime/sequence.h"

namespace gradient_check::python {
namespace {

Flow run_handler(Frame& frame, const ast::ExceptHandler& handler, const Raised& raised,
                 const Value& exception, Value& result) {
  if (handler.name) store_name(frame, handler.id, *handler.name, exception);
  const Raised* outer = std::exchange(frame.handled, &raised);
  const ast::Node* outer_at = std::exchange(frame.handled_at, frame.at);
  struct Restore {
    Frame& frame;
    const Raised* handled;
    const ast::Node* at;
    ~Restore() {
      frame.handled = handled;
      frame.handled_at = at;
    }
  } restore{frame, outer, outer_at};
  const auto forget_name = [&] {
    if (handler.name) store_name(frame, handler.id, *handler.name, Value());
  };
  try {
    const Flow flow = execute(frame, handler.body, result);
    forget_name();
    return flow;
  } catch (Raised& next) {
    note_context(frame, next);
    forget_name();
    throw;
  }
}

/// Whether what a handler is written for takes in the lack of a module.
bool catches_missing_modules(const ast::Try& statement) {
  const auto is_one = [](const ast::ExpressionPtr& type) {
    const auto* name = type->as<ast::Name>();
    return name && (name->id == "ImportError" || name->id == "ModuleNotFoundError" ||
                    name->id == "Exception" || name->id == "BaseException");
  };
  return std::any_of(statement.handlers.begin(), statement.handlers.end(), [&](const auto& one) {
    const auto* several = one.type ? one.type->template as<ast::Tuple>() : nullptr;
    if (!several) return !one.type || is_one(one.type);
    return std::any_of(several->elts.begin(), several->elts.end(), is_one);
  });
}

Flow run_attempt(Frame& frame, const ast::Try& statement, Value& result) {
  struct Counted {
    int& count;
    const int by;
    ~Counted() { count -= by; }
  } counted{frame.missing_modules_caught, catches_missing_modules(statement) ? 1 : 0};
  counted.count += counted.by;
  return execute(frame, statement.body, result);
}

Flow run_body(Frame& frame, const ast::Try& statement, Value& result) {
  Flow flow;
  try {
    flow = run_attempt(frame, statement, result);
  } catch (Raised& raised) {
    const Value exception = frame.interpreter.exception_of(raised);
    raised.instance = exception;
    note_context(frame, raised);
    const ast::Node* at = frame.at;
    const ast::ExceptHandler* handler = find_handler(frame, statement, exception);
    frame.at = at;
    if (!handler) throw;
    return run_handler(frame, *handler, raised, exception, result);
  }
  return flow == Flow::next ? execute(frame, statement.orelse, result) : flow;
}

/// A `finally` block on the way of an exception, which is the context of what it raises.
Flow run_finally(Frame& frame, const ast::Try& statement, Raised& raised, Value& result) {
  try {
    return execute(frame, statement.finalbody, result);
  } catch (Raised& next) {
    raised.instance = frame.interpreter.exception_of(raised);
    next.instance = frame.interpreter.exception_of(next);
    set_context(next.instance, raised.instance);
    throw;
  }
}

Flow with_items(Frame& frame, const ast::With& statement, std::size_t index, Value& result) {
  if (index == statement.items.size()) return execute(frame, statement.body, result);
  Interpreter& interpreter = frame.interpreter;
  const auto& item = statement.items[index];
  const Value manager = evaluate(frame, *item.context_expr);
  frame.at = item.context_expr.get();
  Value entered = enter_context(interpreter, manager);
  Flow flow;
  try {
    if (item.optional_vars) assign(frame, *item.optional_vars, std::move(entered));
    flow = with_items(frame, statement, index + 1, result);
  } catch (Raised& raised) {
    const ast::Node* at = frame.at;
    const Value exception = interpreter.exception_of(raised);
    if (exit_context(interpreter, manager, exception)) return Flow::next;
    frame.at = at;
    throw;
  } catch (...) {
    if (manager.is(Kind::opaque)) manager.as<Opaque>().exit(interpreter);
    throw;
  }
  frame.at = item.context_expr.get();
  exit_context(interpreter, manager, {});
  return flow;
}

}  // namespace

const ast::ExceptHandler* find_handler(Frame& frame, const ast::Try& statement,
                                       const Value& exception) {
  for (const auto& handler : statement.handlers) {
    if (!handler.type) return &handler;
    const Value type = evaluate(frame, *handler.type);
    frame.at = handler.type.get();
    if (catches(frame.interpreter, type, exception)) return &handler;
  }
  return nullptr;
}

Flow execute_try(Frame& frame, const ast::Try& statement, Value& result) {
  if (statement.finalbody.empty()) return run_body(frame, statement, result);
  Flow flow;
  Value returned;
  try {
    flow = run_body(frame, statement, returned);
  } catch (Raised& raised) {
    const ast::Node* at = frame.at;
    const Flow last = run_finally(frame, statement, raised, result);
    if (last != Flow::next) return last;  // as in Python, the exception is lost
    frame.at = at;
    throw;
  }
  const Flow last = execute(frame, statement.finalbody, result);
  if (last != Flow::next) return last;
  if (flow == Flow::returned) result = std::move(returned);
  return flow;
}

Flow execute_with(Frame& frame, const ast::With& statement, Value& result) {
  return with_items(frame, statement, 0, result);
}

Value enter_context(Interpreter& interpreter, const Value& manager) {
  if (manager.is(Kind::opaque)) {
    manager.as<Opaque>().enter(interpreter);
    return manager;
  }
  Value entered = call_special(interpreter, manager, "__enter__");
  if (!entered.is_set())
    type_error("'{}' object does not support the context manager protocol", type_name(manager));
  return entered;
}

bool exit_context(Interpreter& interpreter, const Value& manager, const Value& exception) {
  if (manager.is(Kind::opaque)) {
    manager.as<Opaque>().exit(interpreter);
    return false;
  }
  const Value none = Value::none();
  const Value result = exception.is_set()
                           ? call_special(interpreter, manager, "__exit__",
                                          {interpreter.class_of(exception), exception, none})
                           : call_special(interpreter, manager, "__exit__", {none, none, none});
  return result.is_set() && exception.is_set() && truth(interpreter, result);
}

bool catches(Interpreter& interpreter, const Value& type, const Value& exception) {
  if (const Tuple* types = type.get_if<Tuple>()) {
    for (const Value& one : types->elements)
      if (catches(interpreter, one, exception)) return true;
    return false;
  }
  const Class* wanted = type.get_if<Class>();
  if (!wanted || !wanted->error)
    type_error("catching classes that do not inherit from BaseException is not allowed");
  return exception.as<Instance>().of->derives_from(*wanted);
}

Raised raised_from(Interpreter& interpreter, const Value& exception) {
  Raised raised(*exception.as<Instance>().of->error, str(interpreter, exception));
  raised.instance = exception;
  return raised;
}

void raise_value(Interpreter& interpreter, const Value& value, const Value& cause) {
  const Class* type = value.get_if<Class>();
  const Value exception = type && type->error ? call(interpreter, value, {}) : value;
  const Instance* instance = exception.get_if<Instance>();
  if (!instance || !instance->of->error) type_error("exceptions must derive from BaseException");
  if (cause.is_set()) set_cause(interpreter, exception, cause);
  throw raised_from(interpreter, exception);
}

}  // namespace gradient_check::python
