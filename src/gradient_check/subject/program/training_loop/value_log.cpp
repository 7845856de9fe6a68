#include "gradient_check/subject/program/training_loop/value_log.h"

#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/interpreter.h"

namespace gradient_check {

namespace ast = python::ast;
using python::Kind;
using python::Value;

const void* identity(const Value& value) {
  if (value.is(Kind::tensor)) return value.as_tensor();
  return value.is(Kind::opaque) ? static_cast<const void*>(value.as_object()) : nullptr;
}

void ValueLog::note(const python::Frame& frame, const ast::Expression& expression,
                    const Value& value) {
  if (!is_own(frame) || expression.id >= latest_.size()) return;
  const void* id = identity(value);
  if (id && !expression.as<ast::Name>() && makers_.try_emplace(id, &expression).second)
    held_.push_back(value);
  latest_[expression.id] = value;
}

void ValueLog::note_assigned(const python::Frame& frame, const ast::Expression& target,
                             const ast::Expression& value) {
  if (!is_own(frame)) return;
  if (const auto* name = target.as<ast::Name>()) assigned_[name->id] = &value;
}

void ValueLog::note_overwritten(const Value& value, const ast::Expression& by) {
  if (const void* id = identity(value)) overwritten_[id] = &by;
}

const Value& ValueLog::latest(const ast::Expression& expression) const {
  static const Value unset;
  return expression.id < latest_.size() ? latest_[expression.id] : unset;
}

const ast::Expression* ValueLog::maker(const ast::Expression& expression,
                                       const Value& value) const {
  if (const void* id = identity(value)) {
    if (const auto found = overwritten_.find(id); found != overwritten_.end()) return found->second;
    const auto found = makers_.find(id);
    if (found != makers_.end() && found->second != &expression) return found->second;
  }
  if (const auto* name = expression.as<ast::Name>()) {
    const auto found = assigned_.find(name->id);
    if (found != assigned_.end() && !identity(value)) return found->second;
    // An array scalar has its maker; a number only its name.
  }
  return nullptr;
}

const ast::Expression* ValueLog::first_maker(const Value& value) const {
  const auto found = makers_.find(identity(value));
  return found == makers_.end() ? nullptr : found->second;
}

bool ValueLog::was_overwritten(const Value& value) const {
  return overwritten_.count(identity(value)) != 0;
}

}  // namespace gradient_check
