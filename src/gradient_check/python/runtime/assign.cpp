#include "gradient_check/python/runtime/assign.h"

#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/evaluate.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/operators.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/subscript.h"
#include "gradient_check/python/runtime/unknown.h"

namespace gradient_check::python {
namespace {

/// The elements for targets such as `a, *b, c`: as many as there are targets.
std::vector<Value> unpacked(Frame& frame, const std::vector<ast::ExpressionPtr>& targets,
                            const Value& value) {
  const std::size_t wanted = targets.size();
  std::size_t star = wanted;
  for (std::size_t i = 0; i < wanted; ++i)
    if (targets[i]->as<ast::Starred>()) star = i;
  if (as_unknown(value)) return std::vector<Value>(wanted, value);
  std::vector<Value> all;
  const Ref<Iterator> iterator = [&] {
    try {
      return iterate(frame.interpreter, value);
    } catch (const Raised&) {
      type_error("cannot unpack non-iterable {} object", type_name(value));
    }
  }();
  Value element;
  while ((star < wanted || all.size() <= wanted) && iterator->next(frame.interpreter, element))
    all.push_back(std::move(element));
  if (star == wanted) {
    if (all.size() < wanted)
      value_error("not enough values to unpack (expected {}, got {})", wanted, all.size());
    if (all.size() > wanted) value_error("too many values to unpack (expected {})", wanted);
    return all;
  }
  if (all.size() + 1 < wanted)
    value_error("not enough values to unpack (expected at least {}, got {})", wanted - 1,
                all.size());
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(star);
  const auto end = all.end() - static_cast<std::ptrdiff_t>(wanted - 1 - star);
  const Value middle = make<List>(frame.interpreter.heap, std::vector<Value>(begin, end));
  all.insert(all.erase(begin, end), middle);
  return all;
}

void assign_all(Frame& frame, const ast::Expression& node,
                const std::vector<ast::ExpressionPtr>& targets, const Value& value) {
  frame.at = &node;
  std::vector<Value> elements = unpacked(frame, targets, value);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto* starred = targets[i]->as<ast::Starred>();
    assign(frame, starred ? *starred->value : *targets[i], std::move(elements[i]));
  }
}

}  // namespace

void assign(Frame& frame, const ast::Expression& target, Value value) {
  if (frame.interpreter.observer) [[unlikely]]
    frame.interpreter.observer->assigned(frame, target, value);
  if (const auto* name = target.as<ast::Name>()) {
    if (const Unknown* unknown = as_unknown(value)) value = unknown->assigned(frame, name->id);
    return store_name(frame, target.id, name->id, std::move(value));
  }
  if (const auto* tuple = target.as<ast::Tuple>())
    return assign_all(frame, target, tuple->elts, value);
  if (const auto* list = target.as<ast::List>())
    return assign_all(frame, target, list->elts, value);
  if (const auto* attribute = target.as<ast::Attribute>()) {
    const Value object = evaluate(frame, *attribute->value);
    frame.at = &target;
    return set_attribute(frame.interpreter, object, frame.code.constants[target.id].as<Text>(),
                         std::move(value));
  }
  const auto& subscript = *target.as<ast::Subscript>();
  const Value object = evaluate(frame, *subscript.value);
  const Value index = evaluate(frame, *subscript.slice);
  frame.at = &target;
  set_item(frame.interpreter, object, index, std::move(value));
}

void assign_augmented(Frame& frame, const ast::AugAssign& statement) {
  Interpreter& interpreter = frame.interpreter;
  const ast::Expression& target = *statement.target;
  const auto result = [&](const Value& old, const Value& right) {
    frame.at = &target;
    Value value = binary(interpreter, statement.op, old, right, true);
    if (interpreter.observer) [[unlikely]]
      interpreter.observer->assigned(frame, target, value);
    return value;
  };
  if (const auto* name = target.as<ast::Name>()) {
    frame.at = &target;
    const Value old = load_name(frame, target.id, name->id);
    const Value right = evaluate(frame, *statement.value);
    return store_name(frame, target.id, name->id, result(old, right));
  }
  if (const auto* attribute = target.as<ast::Attribute>()) {
    const Value object = evaluate(frame, *attribute->value);
    const Text& attr = frame.code.constants[target.id].as<Text>();
    frame.at = &target;
    const Value old = get_attribute(interpreter, object, attr);
    const Value right = evaluate(frame, *statement.value);
    return set_attribute(interpreter, object, attr, result(old, right));
  }
  const auto& subscript = *target.as<ast::Subscript>();
  const Value object = evaluate(frame, *subscript.value);
  const Value index = evaluate(frame, *subscript.slice);
  frame.at = &target;
  const Value old = get_item(interpreter, object, index);
  const Value right = evaluate(frame, *statement.value);
  set_item(interpreter, object, index, result(old, right));
}

void remove(Frame& frame, const ast::Expression& target) {
  if (const auto* name = target.as<ast::Name>()) {
    frame.at = &target;
    return delete_name(frame, target.id, name->id);
  }
  if (const auto* tuple = target.as<ast::Tuple>()) {
    for (const auto& element : tuple->elts) remove(frame, *element);
    return;
  }
  if (const auto* attribute = target.as<ast::Attribute>()) {
    const Value object = evaluate(frame, *attribute->value);
    frame.at = &target;
    return delete_attribute(frame.interpreter, object, frame.code.constants[target.id].as<Text>());
  }
  const auto& subscript = *target.as<ast::Subscript>();
  const Value object = evaluate(frame, *subscript.value);
  const Value index = evaluate(frame, *subscript.slice);
  frame.at = &target;
  delete_item(frame.interpreter, object, index);
}

}  // namespace gradient_check::python
