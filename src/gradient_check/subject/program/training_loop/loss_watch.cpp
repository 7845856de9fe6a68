#include "gradient_check/subject/program/training_loop/loss_watch.h"

#include <algorithm>
#include <memory>

#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/code.h"
#include "gradient_check/python/runtime/evaluate.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"
#include "gradient_check/python/source/source_reader.h"
#include "gradient_check/python/syntax/children.h"
#include "gradient_check/python/syntax/parser.h"
#include "gradient_check/subject/program/training_loop/location.h"
#include "gradient_check/subject/program/training_loop/update_terms.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;
using python::Value;

/// Takes a number out of a tensor: loss.item(), float(loss), loss.detach(), loss.data
bool takes_out(const ast::Expression& expression) {
  if (const auto* attribute = expression.as<ast::Attribute>()) return attribute->attr == "data";
  const auto* call = expression.as<ast::Call>();
  if (!call) return false;
  const std::string name = called_name(expression);
  if (call->func->as<ast::Name>()) return name == "float" && call->args.size() == 1;
  return call->args.empty() && (name == "item" || name == "detach" || name == "tolist" ||
                                name == "numpy" || name == "cpu");
}

const ast::Expression& taken_from(const ast::Expression& expression) {
  if (const auto* attribute = expression.as<ast::Attribute>()) return *attribute->value;
  const auto* call = expression.as<ast::Call>();
  if (!call->args.empty()) return *call->args[0];
  return *call->func->as<ast::Attribute>()->value;
}

}  // namespace

at::Tensor scalar_in(const Value& value) {
  const at::Tensor tensor = tensor_in(value);
  if (!tensor.defined() || !tensor.is_floating_point() || tensor.numel() != 1) return {};
  return tensor.dim() == 0 ? tensor : tensor.reshape({});
}

Value evaluate_text(python::Frame& frame, const std::string& text) {
  python::Interpreter& interpreter = frame.interpreter;
  const ast::Module tree = python::parse(python::read_source("loss", "_loss = (" + text + ")\n"));
  const auto module = python::make<python::Module>(interpreter.heap, "loss");
  for (const auto& [name, slot] : frame.code.module->slots)
    module->set(name, frame.code.module->values[slot]);
  if (frame.scope.owner == python::Scope::Owner::function)
    for (std::size_t i = 0; i < frame.scope.variables.size(); ++i) {
      const Value& value = frame.slots[i];
      module->set(frame.scope.variables[i],
                  value.is(python::Kind::cell) ? value.as<python::Cell>().value : value);
    }
  python::Observer* observer = interpreter.observer;
  interpreter.observer = nullptr;
  try {
    interpreter.run(*interpreter.prepare(tree, *module));
  } catch (...) {
    interpreter.observer = observer;
    throw;
  }
  interpreter.observer = observer;
  return module->get(interpreter, "_loss");
}

LossWatch::LossWatch(const LoopIndex::Loop& loop, const GivenValues& given, const ast::Module& tree,
                     const LoopIndex& index, std::set<ast::NodeId> updates)
    : LoopObserver(&loop, given), tree_(tree), index_(index), updates_(std::move(updates)) {
  // What is printed or kept: print("loss", x), losses.append(x), f"{x}"
  const auto visit = [this](const auto& node) {
    if constexpr (std::is_same_v<std::decay_t<decltype(node)>, ast::ExpressionPtr>) {
      if (const auto* shown = node->template as<ast::JoinedStr>())
        for (const auto& part : shown->values)
          if (const auto* value = part->template as<ast::FormattedValue>())
            shown_.insert(value->value->id);
      const std::string name = called_name(*node);
      if (name == "print" || name == "append" || name == "format")
        for (const auto& argument : node->template as<ast::Call>()->args)
          shown_.insert(argument->id);
    }
  };
  for (const ast::StatementPtr& statement : tree.body) ast::for_each_node(statement, visit);
}

bool LossWatch::is_own(const python::Frame& frame) const {
  return frame.code.tree.source == tree_.source;
}

void LossWatch::evaluate_expected(python::Frame& frame) {
  loss_ = scalar_in(evaluate_text(frame, expected_->text));
  if (loss_.defined()) throw Reached{};
}

bool LossWatch::statement(python::Frame& frame, const ast::Statement& next) {
  if (is_own(frame) && updates_.count(next.id)) {
    updating_ = true;
    if (expected_ && expected_->is_expression && holds_loop(frame)) evaluate_expected(frame);
    if (expected_ && loss_.defined()) throw Reached{};
    return !next.as<ast::Return>();
  }
  return LoopObserver::statement(frame, next);
}

/// math.exp(x) of a number that is followed.
bool LossWatch::of_math(python::Frame& frame, const ast::Expression& expression, Value& value) {
  const auto* call = expression.as<ast::Call>();
  if (!call || call->args.size() != 1 || !call->keywords.empty()) return false;
  const auto* attribute = call->func->as<ast::Attribute>();
  const auto* module = attribute ? attribute->value->as<ast::Name>() : nullptr;
  if (!module || module->id != "math") return false;
  const Value argument = python::evaluate(frame, *call->args[0]);
  const at::Tensor scalar = scalar_in(argument);
  at::Tensor result;
  if (scalar.defined() && scalar.requires_grad()) {
    if (attribute->attr == "exp") result = scalar.exp();
    if (attribute->attr == "log") result = scalar.log();
    if (attribute->attr == "sqrt") result = scalar.sqrt();
    if (attribute->attr == "tanh") result = scalar.tanh();
    if (attribute->attr == "sin") result = scalar.sin();
    if (attribute->attr == "cos") result = scalar.cos();
  }
  if (result.defined())
    value = python::as_array(argument) ? python::result_value(result) : python::value_of(result);
  else
    value = python::call(frame.interpreter, python::evaluate(frame, *call->func), {argument});
  return true;
}

bool LossWatch::instead(python::Frame& frame, const ast::Expression& expression, Value& value) {
  if (!is_own(frame)) return false;
  if (of_math(frame, expression, value)) return true;
  if (!takes_out(expression)) return false;
  const Value from = python::evaluate(frame, taken_from(expression));
  const at::Tensor scalar = scalar_in(from);
  if (scalar.defined() && scalar.requires_grad()) {
    value = python::as_array(from) ? python::result_value(scalar) : python::value_of(scalar);
    return true;
  }
  python::Interpreter& interpreter = frame.interpreter;
  frame.at = &expression;
  if (const auto* attribute = expression.as<ast::Attribute>()) {
    value = python::get_attribute(interpreter, from, python::Text(attribute->attr));
    return true;
  }
  const auto* call = expression.as<ast::Call>();
  if (!call->args.empty()) {
    value = python::call(interpreter, python::evaluate(frame, *call->func), {from});
    return true;
  }
  const auto* method = call->func->as<ast::Attribute>();
  value = python::call(interpreter,
                       python::get_attribute(interpreter, from, python::Text(method->attr)),
                       std::initializer_list<Value>{});
  return true;
}

void LossWatch::note(const ast::Expression& node, const std::string& name, bool shown,
                     const Value& value) {
  if (expected_) {
    if (expected_->node != node.id) return;
    const at::Tensor number = floating_tensor(value);
    if (!number.defined() || number.numel() != 1) return;
    loss_ = number.reshape({});
    if (++times_ >= expected_->times) throw Reached{};
    return;
  }
  const at::Tensor scalar = scalar_in(value);
  if (!scalar.defined() || !scalar.requires_grad()) return;
  const auto [found, is_new] = by_node_.try_emplace(node.id, seen_.size());
  if (is_new) {
    LossSite site;
    site.node = node.id;
    site.name = name;
    site.text = std::string(tree_.source->text(node.span));
    site.span = node.span;
    seen_.push_back({site, scalar, !updating_});
  }
  (void)shown;
  Seen& seen = seen_[found->second];
  if (updating_ && seen.before_updates) return;
  seen.value = scalar;
  ++seen.site.times;
}

void LossWatch::evaluated(python::Frame& frame, const ast::Expression& expression, Value& value) {
  LoopObserver::evaluated(frame, expression, value);
  if (is_own(frame) && shown_.count(expression.id)) note(expression, "", true, value);
}

void LossWatch::assigned(python::Frame& frame, const ast::Expression& target, Value& value) {
  if (!is_own(frame) || target.as<ast::Tuple>()) return;
  note(target, last_word(target), false, value);
}

}  // namespace gradient_check
