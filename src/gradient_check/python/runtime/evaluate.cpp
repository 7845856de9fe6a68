#include "gradient_check/python/runtime/evaluate.h"

#include "gradient_check/python/runtime/assign.h"
#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/comprehension.h"
#include "gradient_check/python/runtime/dict.h"
#include "gradient_check/python/runtime/format.h"
#include "gradient_check/python/runtime/generator.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/operators.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/subscript.h"

namespace gradient_check::python {
namespace {

/// One function a form. Each sets frame.at once its operands are evaluated: what raises then is
/// this expression.
class ExpressionEvaluator {
 public:
  ExpressionEvaluator(Frame& frame, const ast::Expression& node) : frame_(frame), node_(node) {}

  Value operator()(const ast::Name& name) const { return load_name(frame_, node_.id, name.id); }

  Value operator()(const ast::Constant&) const {
    const Value& value = frame_.code.constants[node_.id];
    if (!value.is_set()) {
      frame_.at = &node_;
      integer_overflow();
    }
    return value;
  }

  Value operator()(const ast::Attribute& attribute) const {
    const Value object = evaluate(frame_, *attribute.value);
    frame_.at = &node_;
    return get_attribute(interpreter(), object, frame_.code.constants[node_.id].as<Text>());
  }

  Value operator()(const ast::Call& call) const { return evaluate_call(frame_, node_, call); }

  Value operator()(const ast::BinOp& form) const {
    const Value left = evaluate(frame_, *form.left);
    const Value right = evaluate(frame_, *form.right);
    frame_.at = &node_;
    return binary(interpreter(), form.op, left, right);
  }

  Value operator()(const ast::UnaryOp& form) const {
    const Value operand = evaluate(frame_, *form.operand);
    frame_.at = &node_;
    return unary(interpreter(), form.op, operand);
  }

  Value operator()(const ast::Compare& form) const {
    Value left = evaluate(frame_, *form.left);
    for (std::size_t i = 0;; ++i) {
      const Value right = evaluate(frame_, *form.comparators[i].value);
      frame_.at = &node_;
      Value result = compare(interpreter(), form.comparators[i].op, left, right);
      if (i + 1 == form.comparators.size() || !truth(interpreter(), result)) return result;
      left = right;
    }
  }

  Value operator()(const ast::BoolOp& form) const {
    for (std::size_t i = 0;; ++i) {
      Value value = evaluate(frame_, *form.values[i]);
      if (i + 1 == form.values.size()) return value;
      frame_.at = &node_;
      if (truth(interpreter(), value) != (form.op == ast::BooleanOperator::And)) return value;
    }
  }

  Value operator()(const ast::IfExp& form) const {
    const Value test = evaluate(frame_, *form.test);
    frame_.at = &node_;
    return evaluate(frame_, truth(interpreter(), test) ? *form.body : *form.orelse);
  }

  Value operator()(const ast::Subscript& form) const {
    const Value object = evaluate(frame_, *form.value);
    const Value index = evaluate(frame_, *form.slice);
    frame_.at = &node_;
    return get_item(interpreter(), object, index);
  }

  Value operator()(const ast::Slice& form) const {
    const auto part = [&](const ast::ExpressionPtr& bound) {
      return bound ? evaluate(frame_, *bound) : Value::none();
    };
    Value lower = part(form.lower), upper = part(form.upper);
    return make<Slice>(std::move(lower), std::move(upper), part(form.step));
  }

  Value operator()(const ast::Tuple& form) const { return make<Tuple>(elements(form.elts)); }
  Value operator()(const ast::List& form) const {
    return make<List>(interpreter().heap, elements(form.elts));
  }
  Value operator()(const ast::Set& form) const {
    auto set = make<Set>(interpreter().heap);
    for (const Value& element : elements(form.elts)) add_to_set(interpreter(), *set, element);
    return set;
  }

  Value operator()(const ast::Dict& form) const {
    auto dict = make<Dict>(interpreter().heap);
    for (const auto& item : form.items) {
      if (item.key) {
        const Value key = evaluate(frame_, *item.key);
        Value value = evaluate(frame_, *item.value);
        frame_.at = &node_;
        set_item(interpreter(), *dict, key, std::move(value));
        continue;
      }
      const Value mapping = evaluate(frame_, *item.value);
      frame_.at = &node_;
      const Dict* other = mapping.get_if<Dict>();
      if (!other) type_error("'{}' object is not a mapping", type_name(mapping));
      for (const auto& entry : other->table.entries())
        if (entry.key.is_set()) set_item(interpreter(), *dict, entry.key, entry.value);
    }
    return dict;
  }

  Value operator()(const ast::JoinedStr& form) const {
    std::string text;
    for (const auto& part : form.values) {
      text += text_of(evaluate(frame_, *part));
      if (text.size() > interpreter().limits.text) throw LimitReached("a string becomes too long");
    }
    return Value::string(std::move(text));
  }

  Value operator()(const ast::FormattedValue& form) const {
    Value value = evaluate(frame_, *form.value);
    const Value spec = form.format_spec ? evaluate(frame_, *form.format_spec) : Value();
    frame_.at = &node_;
    if (form.conversion)
      value = Value::string(form.conversion == 's' ? str(interpreter(), value)
                                                   : repr(interpreter(), value));
    return Value::string(format_value(interpreter(), value, spec.is_set() ? text_of(spec) : ""));
  }

  Value operator()(const ast::Lambda&) const {
    return make_function(frame_, *frame_.code.scopes.of_node[node_.id]);
  }

  Value operator()(const ast::NamedExpr& form) const {
    Value value = evaluate(frame_, *form.value);
    assign(frame_, *form.target, value);
    return value;
  }

  Value operator()(const ast::ListComp& form) const {
    auto list = make<List>(interpreter().heap);
    run_comprehension(frame_, node_, form.generators,
                      [&] { list->elements.push_back(evaluate(frame_, *form.elt)); });
    return list;
  }
  Value operator()(const ast::SetComp& form) const {
    auto set = make<Set>(interpreter().heap);
    run_comprehension(frame_, node_, form.generators,
                      [&] { add_to_set(interpreter(), *set, evaluate(frame_, *form.elt)); });
    return set;
  }
  Value operator()(const ast::DictComp& form) const {
    auto dict = make<Dict>(interpreter().heap);
    run_comprehension(frame_, node_, form.generators, [&] {
      const Value key = evaluate(frame_, *form.key);
      set_item(interpreter(), *dict, key, evaluate(frame_, *form.value));
    });
    return dict;
  }
  Value operator()(const ast::GeneratorExp& form) const {
    const Value iterable = evaluate(frame_, *form.generators.front().iter);
    frame_.at = &node_;
    return make_generator_expression(frame_, node_, iterate(interpreter(), iterable));
  }

  Value operator()(const ast::Starred&) const {
    refuse("a starred expression stands only in calls, lists, tuples and assignments");
  }
  Value operator()(const ast::Await&) const { refuse("await is not supported: call the function"); }
  Value operator()(const ast::Yield&) const {
    refuse("yield inside a larger expression is not supported: assign it to a variable first");
  }
  Value operator()(const ast::YieldFrom&) const {
    refuse("yield from inside a larger expression is not supported: assign it to a variable first");
  }

 private:
  Interpreter& interpreter() const { return frame_.interpreter; }

  [[noreturn]] void refuse(const char* why) const {
    frame_.at = &node_;
    raise_text(ErrorKind::NotImplementedError, why);
  }

  std::vector<Value> elements(const std::vector<ast::ExpressionPtr>& expressions) const {
    std::vector<Value> values;
    values.reserve(expressions.size());
    for (const auto& expression : expressions) {
      if (const auto* starred = expression->as<ast::Starred>()) {
        const Value iterable = evaluate(frame_, *starred->value);
        frame_.at = &node_;
        for (Value& element : elements_of(interpreter(), iterable))
          values.push_back(std::move(element));
      } else {
        values.push_back(evaluate(frame_, *expression));
      }
    }
    return values;
  }

  Frame& frame_;
  const ast::Expression& node_;
};

Value evaluate_observed(Frame& frame, const ast::Expression& expression) {
  Observer& observer = *frame.interpreter.observer;
  Value value;
  if (!observer.instead(frame, expression, value))
    value = std::visit(ExpressionEvaluator(frame, expression), expression.form);
  frame.at = &expression;
  observer.evaluated(frame, expression, value);
  return value;
}

}  // namespace

Value evaluate(Frame& frame, const ast::Expression& expression) {
  if (frame.interpreter.observer) [[unlikely]]
    return evaluate_observed(frame, expression);
  return std::visit(ExpressionEvaluator(frame, expression), expression.form);
}

Value make_function(Frame& frame, const Scope& scope) {
  auto function = make<Function>(frame.interpreter.heap, frame.code.shared_from_this(), scope);
  function->name = scope.name;
  for (const auto& parameter : *scope.parameters)
    function->defaults.push_back(parameter.default_value ? evaluate(frame, *parameter.default_value)
                                                         : Value());
  for (const auto& free : scope.free) function->closure.push_back(frame.slots[free.outer]);
  return function;
}

}  // namespace gradient_check::python
