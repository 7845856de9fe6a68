#include "gradient_check/python/runtime/execute.h"

#include "gradient_check/python/runtime/assign.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/class_call.h"
#include "gradient_check/python/runtime/evaluate.h"
#include "gradient_check/python/runtime/format.h"
#include "gradient_check/python/runtime/import.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/match_statement.h"
#include "gradient_check/python/runtime/operators.h"
#include "gradient_check/python/runtime/try_statement.h"
#include "gradient_check/python/runtime/unknown.h"

namespace gradient_check::python {
namespace {

/// One function a form.
class StatementExecutor {
 public:
  StatementExecutor(Frame& frame, const ast::Statement& node, Value& result)
      : frame_(frame), node_(node), result_(result) {}

  Flow operator()(const ast::Expr& form) const {
    evaluate(frame_, *form.value);
    return Flow::next;
  }
  Flow operator()(const ast::Assign& form) const {
    Value value = evaluate(frame_, *form.value);
    for (std::size_t i = 0; i + 1 < form.targets.size(); ++i)
      assign(frame_, *form.targets[i], value);
    assign(frame_, *form.targets.back(), std::move(value));
    return Flow::next;
  }
  Flow operator()(const ast::AugAssign& form) const {
    assign_augmented(frame_, form);
    return Flow::next;
  }
  Flow operator()(const ast::AnnAssign& form) const {
    if (form.value) assign(frame_, *form.target, evaluate(frame_, *form.value));
    if (frame_.names) note_annotation(form);
    return Flow::next;
  }
  Flow operator()(const ast::Return& form) const {
    result_ = form.value ? evaluate(frame_, *form.value) : Value::none();
    return Flow::returned;
  }
  Flow operator()(const ast::If& form) const {
    const Value test = evaluate(frame_, *form.test);
    frame_.at = form.test.get();
    return execute(frame_, truth(interpreter(), test) ? form.body : form.orelse, result_);
  }

  Flow operator()(const ast::For& form) const {
    if (form.is_async) refuse("async for is not supported: write a plain for");
    const Value iterable = evaluate(frame_, *form.iter);
    frame_.at = form.iter.get();
    const Ref<Iterator> iterator = iterate(interpreter(), iterable);
    Value element;
    while (iterator->next(interpreter(), element)) {
      interpreter().count_step();
      assign(frame_, *form.target, std::move(element));
      const Flow flow = execute(frame_, form.body, result_);
      if (flow == Flow::broke) return Flow::next;
      if (flow == Flow::returned) return flow;
      frame_.at = form.iter.get();
    }
    return execute(frame_, form.orelse, result_);
  }

  Flow operator()(const ast::While& form) const {
    while (true) {
      const Value test = evaluate(frame_, *form.test);
      frame_.at = form.test.get();
      if (!truth(interpreter(), test)) return execute(frame_, form.orelse, result_);
      interpreter().count_step();
      const Flow flow = execute(frame_, form.body, result_);
      if (flow == Flow::broke) return Flow::next;
      if (flow == Flow::returned) return flow;
    }
  }

  Flow operator()(const ast::With& form) const {
    if (form.is_async) refuse("async with is not supported: write a plain with");
    return execute_with(frame_, form, result_);
  }
  Flow operator()(const ast::Try& form) const {
    if (form.is_star) refuse("except* is not supported: write except");
    return execute_try(frame_, form, result_);
  }

  Flow operator()(const ast::FunctionDef& form) const {
    if (form.is_async) refuse("async def is not supported: write a plain def");
    Value function = make_function(frame_, *frame_.code.scopes.of_node[node_.id]);
    store_name(frame_, node_.id, form.name, decorated(form.decorator_list, std::move(function)));
    return Flow::next;
  }
  Flow operator()(const ast::ClassDef& form) const {
    Value type = make_class(frame_, node_, form);
    store_name(frame_, node_.id, form.name, decorated(form.decorator_list, std::move(type)));
    return Flow::next;
  }

  Flow operator()(const ast::Raise& form) const {
    if (!form.exc) {
      if (!frame_.handled) raise(ErrorKind::RuntimeError, "No active exception to reraise");
      frame_.at = frame_.handled_at;
      throw Raised(*frame_.handled);
    }
    const Value value = evaluate(frame_, *form.exc);
    const Value cause = form.cause ? evaluate(frame_, *form.cause) : Value();
    frame_.at = &node_;
    raise_value(interpreter(), value, cause);
  }
  Flow operator()(const ast::Assert& form) const {
    const Value test = evaluate(frame_, *form.test);
    frame_.at = form.test.get();
    if (truth(interpreter(), test)) return Flow::next;
    std::vector<Value> arguments;
    if (form.msg) arguments.push_back(evaluate(frame_, *form.msg));
    frame_.at = &node_;
    raise_value(
        interpreter(),
        call(interpreter(), interpreter().errors[static_cast<int>(ErrorKind::AssertionError)],
             Arguments{arguments.data(), arguments.size()}));
  }

  Flow operator()(const ast::Delete& form) const {
    for (const auto& target : form.targets) remove(frame_, *target);
    return Flow::next;
  }
  Flow operator()(const ast::Import& form) const {
    for (const auto& alias : form.names) import(frame_, alias);
    return Flow::next;
  }
  Flow operator()(const ast::ImportFrom& form) const {
    import_from(frame_, form);
    return Flow::next;
  }
  Flow operator()(const ast::Print2& form) const {
    std::string line;
    for (std::size_t i = 0; i < form.values.size(); ++i)
      line += (i ? " " : "") + str(interpreter(), evaluate(frame_, *form.values[i]));
    if (interpreter().print) interpreter().print(line + (form.newline ? "\n" : " "));
    return Flow::next;
  }

  Flow operator()(const ast::Pass&) const { return Flow::next; }
  Flow operator()(const ast::Global&) const { return Flow::next; }
  Flow operator()(const ast::Nonlocal&) const { return Flow::next; }
  Flow operator()(const ast::Break&) const { return Flow::broke; }
  Flow operator()(const ast::Continue&) const { return Flow::continued; }
  Flow operator()(const ast::Match& form) const { return execute_match(frame_, form, result_); }
  Flow operator()(const ast::TypeAlias&) const { return Flow::next; }
  Flow operator()(const ast::Exec2&) const { refuse("exec is not supported"); }

 private:
  Interpreter& interpreter() const { return frame_.interpreter; }

  [[noreturn]] void refuse(const char* why) const {
    raise_text(ErrorKind::NotImplementedError, why);
  }

  Value decorated(const std::vector<ast::ExpressionPtr>& decorators, Value value) const {
    std::vector<Value> functions;
    for (const auto& decorator : decorators) functions.push_back(evaluate(frame_, *decorator));
    for (std::size_t i = functions.size(); i-- > 0;) {
      frame_.at = decorators[i].get();
      if (as_unknown(functions[i])) continue;  // @njit and the like
      value = call(interpreter(), functions[i], {value});
    }
    return value;
  }

  /// A class body's annotated names, for @dataclass.
  void note_annotation(const ast::AnnAssign& form) const {
    const auto* name = form.target->as<ast::Name>();
    if (!name) return;
    const Text key("__annotations__");
    if (!frame_.names->find(key))
      frame_.names->set("__annotations__", make<Dict>(interpreter().heap));
    Value annotation;
    if (frame_.code.has_text_annotations)
      annotation = Value::string(std::string(frame_.code.tree.source->text(form.annotation->span)));
    else
      annotation = evaluate(frame_, *form.annotation);
    frame_.names->find(key)->as<Dict>().set(name->id, std::move(annotation));
  }

  Frame& frame_;
  const ast::Statement& node_;
  Value& result_;
};

}  // namespace

Flow execute(Frame& frame, const ast::Statement& statement, Value& result) {
  Interpreter& interpreter = frame.interpreter;
  frame.at = &statement;
  interpreter.count_step();
  if (interpreter.observer) [[unlikely]]
    if (interpreter.observer->statement(frame, statement)) return Flow::next;
  const Flow flow = std::visit(StatementExecutor(frame, statement, result), statement.form);
  if (interpreter.observer) [[unlikely]]
    interpreter.observer->executed(frame, statement);
  return flow;
}

Flow execute(Frame& frame, const std::vector<ast::StatementPtr>& statements, Value& result) {
  for (const auto& statement : statements)
    if (const Flow flow = execute(frame, *statement, result); flow != Flow::next) return flow;
  return Flow::next;
}

}  // namespace gradient_check::python
