#include "gradient_check/python/runtime/generator.h"

#include <utility>

#include "gradient_check/python/runtime/assign.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/evaluate.h"
#include "gradient_check/python/runtime/execute.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/match_statement.h"
#include "gradient_check/python/runtime/operators.h"
#include "gradient_check/python/runtime/try_statement.h"
#include "gradient_check/python/runtime/yields.h"

namespace gradient_check::python {
namespace {

/// A generator function that is suspended between statements. Statements that hold a yield are
/// taken apart into levels here; all others run as everywhere.
class Generator : public Iterator {
 public:
  Generator(Interpreter& interpreter, const Function& function, const Arguments& arguments)
      : Iterator(interpreter.heap),
        code_(function.code),
        slots_(function.scope.variables.size()),
        frame_{interpreter, *code_, function.scope, slots_.data()} {
    enter_function(interpreter, function, arguments, slots_.data());
    enter(function.scope.body);
  }
  void surrender(Condemned& condemned) override {
    for (Value& slot : slots_) slot.surrender(condemned);
    levels_.clear();
  }
  const char* type_name() const override { return "generator"; }
  Value returned() const override { return result; }
  bool next(Interpreter& interpreter, Value& element) override {
    return resume(interpreter, Value::none(), element);
  }

  bool resume(Interpreter& interpreter, Value sent, Value& element) {
    if (is_running_) value_error("generator already executing");
    if (levels_.empty()) {
      result = Value();  // only the first StopIteration has it
      if (thrown_.is_set()) throw raised_from(interpreter, std::exchange(thrown_, Value()));
      return false;
    }
    if (!is_started_ && sent.is_set() && !sent.is_none())
      type_error("can't send non-None value to a just-started generator");
    is_started_ = true;
    return advance(interpreter, std::move(sent), element);
  }
  bool throw_into(Interpreter& interpreter, const Value& exception, Value& element) {
    thrown_ = exception;
    if (!is_started_) levels_.clear();
    return resume(interpreter, Value::none(), element);
  }
  void close(Interpreter& interpreter) {
    if (levels_.empty() || !is_started_) return levels_.clear();
    const Ref<Class>& exit = interpreter.errors[static_cast<int>(ErrorKind::GeneratorExit)];
    Value element;
    try {
      if (!throw_into(interpreter, call(interpreter, exit, {}), element)) return;
    } catch (const Raised& raised) {
      if (raised.kind == ErrorKind::GeneratorExit || raised.kind == ErrorKind::StopIteration)
        return;
      throw;
    }
    raise(ErrorKind::RuntimeError, "generator ignored GeneratorExit");
  }

  Value result;  ///< of its return

 private:
  bool advance(Interpreter& interpreter, Value sent, Value& element) {
    const FrameGuard guard(interpreter, frame_);
    is_running_ = true;
    sent_ = std::move(sent);
    element_ = Value();
    try {
      run();
    } catch (Raised& raised) {
      note_place(raised, frame_);
      levels_.clear();
      is_running_ = false;
      if (raised.kind != ErrorKind::StopIteration) throw;
      raise(ErrorKind::RuntimeError, "generator raised StopIteration");
    }
    is_running_ = false;
    element = std::move(element_);
    return element.is_set();
  }

  struct Level {
    const std::vector<ast::StatementPtr>* statements;
    std::size_t index = 0;
    const ast::For* loop = nullptr;
    const ast::While* repeat = nullptr;
    const ast::Try* attempt = nullptr;
    const ast::With* context = nullptr;
    Ref<Iterator> iterator;
    Value manager;
    std::shared_ptr<Raised> pending;  ///< of a `finally` block: what goes on after it
    bool is_final = false;
  };

  void enter(const std::vector<ast::StatementPtr>* statements) {
    levels_.emplace_back();
    levels_.back().statements = statements;
  }

  /// Until an element is there or nothing is left to run.
  void run() {
    if (resumed_) {
      const ast::Statement& statement = *std::exchange(resumed_, nullptr);
      guarded([&] { continue_yield(statement); });
    }
    while (!element_.is_set() && !levels_.empty()) guarded([&] { step(); });
  }

  /// Leads an exception to the innermost try or with that is open.
  template <typename Body>
  void guarded(const Body& body) {
    try {
      body();
    } catch (Raised& raised) {
      auto held = std::make_shared<Raised>(raised);
      if (!unwind(held)) throw;
    }
  }

  bool unwind(const std::shared_ptr<Raised>& raised) {
    const Value exception = frame_.interpreter.exception_of(*raised);
    raised->instance = exception;
    while (!levels_.empty()) {
      Level level = std::move(levels_.back());
      levels_.pop_back();
      if (level.context) {
        if (exit_context(frame_.interpreter, level.manager, exception)) return true;
      } else if (level.attempt && !level.is_final) {
        if (handle(*level.attempt, level.statements == &level.attempt->body, raised, exception))
          return true;
      }
    }
    return false;
  }
  bool handle(const ast::Try& attempt, bool in_body, const std::shared_ptr<Raised>& raised,
              const Value& exception) {
    const ast::ExceptHandler* handler =
        in_body ? find_handler(frame_, attempt, exception) : nullptr;
    if (!handler && attempt.finalbody.empty()) return false;
    if (!handler) {
      enter(&attempt.finalbody);
      levels_.back().is_final = true;
      levels_.back().pending = raised;
      return true;
    }
    enter(&handler->body);
    levels_.back().attempt = &attempt;
    if (handler->name) store_name(frame_, handler->id, *handler->name, exception);
    return true;
  }

  void step() {
    Level& level = levels_.back();
    if (level.index == level.statements->size()) return finish_level();
    const ast::StatementPtr& statement = (*level.statements)[level.index++];
    if (!yields(statement)) {
      follow(execute(frame_, *statement, result));
      return;
    }
    frame_.at = statement.get();
    frame_.interpreter.count_step();
    std::visit([&](const auto& form) { start(*statement, form); }, statement->form);
  }

  /// The end of a block: what comes after depends on what it belongs to.
  void finish_level() {
    Level& level = levels_.back();
    if (level.loop) return next_turn(level);
    if (level.repeat) return repeat(level);
    Level done = std::move(level);
    levels_.pop_back();
    if (done.context) exit_context(frame_.interpreter, done.manager, {});
    if (done.pending) throw Raised(*done.pending);
    if (!done.attempt || done.is_final) return;
    const ast::Try& attempt = *done.attempt;
    if (done.statements == &attempt.body && !attempt.orelse.empty()) {
      enter(&attempt.orelse);
      levels_.back().attempt = &attempt;
    } else {
      enter(&attempt.finalbody);
      levels_.back().is_final = true;
    }
  }
  void next_turn(Level& level) {
    Value element;
    const ast::For& loop = *level.loop;
    if (level.iterator->next(frame_.interpreter, element)) {
      frame_.interpreter.count_step();
      level.index = 0;
      return assign(frame_, *loop.target, std::move(element));
    }
    levels_.pop_back();
    enter(&loop.orelse);
  }
  void repeat(Level& level) {
    const ast::While& loop = *level.repeat;
    frame_.interpreter.count_step();
    level.index = 0;
    if (truth(frame_.interpreter, evaluate(frame_, *loop.test))) return;
    levels_.pop_back();
    enter(&loop.orelse);
  }

  /// break, continue and return leave levels; `finally` blocks on the way are run.
  void follow(Flow flow) {
    if (flow == Flow::next) return;
    while (!levels_.empty()) {
      Level& level = levels_.back();
      if (flow != Flow::returned && (level.loop || level.repeat)) {
        if (flow == Flow::continued)
          level.index = level.statements->size();
        else
          levels_.pop_back();
        return;
      }
      Level left = std::move(level);
      levels_.pop_back();
      if (left.context) exit_context(frame_.interpreter, left.manager, {});
      if (left.attempt && !left.is_final) {
        Value ignored;
        execute(frame_, left.attempt->finalbody, ignored);
      }
    }
  }

  [[noreturn]] static void refuse() {
    raise_text(ErrorKind::NotImplementedError,
               "yield inside a larger expression is not supported: assign it to a variable first");
  }
  template <typename Form>
  void start(const ast::Statement&, const Form&) {
    refuse();
  }
  void start(const ast::Statement& node, const ast::Expr& form) { yield(node, *form.value); }
  void start(const ast::Statement& node, const ast::Assign& form) { yield(node, *form.value); }
  void start(const ast::Statement& node, const ast::AugAssign& form) { yield(node, *form.value); }
  void start(const ast::Statement& node, const ast::AnnAssign& form) { yield(node, *form.value); }
  void start(const ast::Statement& node, const ast::Return& form) { yield(node, *form.value); }
  void start(const ast::Statement&, const ast::Match& form) {
    const Value subject = evaluate(frame_, *form.subject);
    if (const auto* body = find_case(frame_, form, subject)) enter(body);
  }
  void start(const ast::Statement&, const ast::If& form) {
    const bool holds = truth(frame_.interpreter, evaluate(frame_, *form.test));
    enter(holds ? &form.body : &form.orelse);
  }
  void start(const ast::Statement&, const ast::For& form) {
    Ref<Iterator> iterator = iterate(frame_.interpreter, evaluate(frame_, *form.iter));
    enter(&form.body);
    levels_.back().loop = &form;
    levels_.back().iterator = std::move(iterator);
    levels_.back().index = form.body.size();
  }
  void start(const ast::Statement&, const ast::While& form) {
    enter(&form.body);
    levels_.back().repeat = &form;
    levels_.back().index = form.body.size();
  }
  void start(const ast::Statement&, const ast::Try& form) {
    enter(&form.body);
    levels_.back().attempt = &form;
  }
  void start(const ast::Statement&, const ast::With& form) {
    if (form.items.size() != 1)
      raise_text(ErrorKind::NotImplementedError,
                 "several items of a with around yield are not supported: nest them");
    const Value manager = evaluate(frame_, *form.items[0].context_expr);
    Value entered = enter_context(frame_.interpreter, manager);
    if (form.items[0].optional_vars)
      assign(frame_, *form.items[0].optional_vars, std::move(entered));
    enter(&form.body);
    levels_.back().context = &form;
    levels_.back().manager = manager;
  }

  void yield(const ast::Statement& node, const ast::Expression& expression) {
    if (const auto* from = expression.as<ast::YieldFrom>()) {
      delegate_ = iterate(frame_.interpreter, evaluate(frame_, *from->value));
      sent_ = Value::none();
      return continue_delegate(node);
    }
    const auto* form = expression.as<ast::Yield>();
    if (!form) refuse();
    element_ = form->value ? evaluate(frame_, *form->value) : Value::none();
    resumed_ = &node;
  }
  void continue_delegate(const ast::Statement& node) {
    auto* inner = dynamic_cast<Generator*>(delegate_.get());
    const Ref<Iterator> held = delegate_;
    if (inner ? inner->resume(frame_.interpreter, std::exchange(sent_, Value::none()), element_)
              : held->next(frame_.interpreter, element_)) {
      resumed_ = &node;
      return;
    }
    end_delegate(node);
  }
  void end_delegate(const ast::Statement& node) {
    const Value made = delegate_->returned();
    sent_ = made.is_set() ? made : Value::none();
    element_ = Value();
    delegate_ = nullptr;
    assign_sent(node);
  }
  /// What throw() brings is raised at the yield, or goes on to the generator that is yielded from.
  void continue_yield(const ast::Statement& node) {
    if (!thrown_.is_set()) return finish_yield(node);
    Interpreter& interpreter = frame_.interpreter;
    const Value exception = std::exchange(thrown_, Value());
    auto* inner = dynamic_cast<Generator*>(delegate_.get());
    if (!inner) {
      delegate_ = nullptr;
      frame_.at = &node;
      throw raised_from(interpreter, exception);
    }
    const Ref<Iterator> held = delegate_;
    bool is_there = false;
    try {
      is_there = inner->throw_into(interpreter, exception, element_);
    } catch (const Raised&) {
      delegate_ = nullptr;
      throw;
    }
    if (is_there) {
      resumed_ = &node;
      return;
    }
    end_delegate(node);
  }
  void finish_yield(const ast::Statement& node) {
    if (delegate_) return continue_delegate(node);
    assign_sent(node);
  }
  void assign_sent(const ast::Statement& node) {
    if (const auto* form = node.as<ast::Assign>())
      for (const auto& target : form->targets) assign(frame_, *target, sent_);
    if (const auto* form = node.as<ast::AugAssign>())
      assign(frame_, *form->target,
             binary(frame_.interpreter, form->op, evaluate(frame_, *form->target), sent_, true));
    if (const auto* form = node.as<ast::AnnAssign>()) assign(frame_, *form->target, sent_);
    if (node.as<ast::Return>()) {
      result = sent_;
      follow(Flow::returned);
    }
  }

  std::shared_ptr<const Code> code_;
  std::vector<Value> slots_;
  Frame frame_;
  std::vector<Level> levels_;
  const ast::Statement* resumed_ = nullptr;  ///< whose yield the generator waits at
  Ref<Iterator> delegate_;                   ///< of a yield from
  Value sent_, element_;
  Value thrown_;  ///< an exception for the yield
  bool is_running_ = false, is_started_ = false;
};

}  // namespace

Value make_generator(Interpreter& interpreter, const Function& function,
                     const Arguments& arguments) {
  return make<Generator>(interpreter, function, arguments);
}

bool throw_into(Interpreter& interpreter, Iterator& iterator, const Value& exception,
                Value& element) {
  if (auto* generator = dynamic_cast<Generator*>(&iterator))
    return generator->throw_into(interpreter, exception, element);
  throw raised_from(interpreter, exception);
}

void close(Interpreter& interpreter, Iterator& iterator) {
  if (auto* generator = dynamic_cast<Generator*>(&iterator)) generator->close(interpreter);
}

bool send(Interpreter& interpreter, Iterator& iterator, Value sent, Value& element) {
  if (auto* generator = dynamic_cast<Generator*>(&iterator))
    return generator->resume(interpreter, std::move(sent), element);
  raise(ErrorKind::AttributeError, "'{}' object has no attribute 'send'", iterator.type_name());
}

}  // namespace gradient_check::python
