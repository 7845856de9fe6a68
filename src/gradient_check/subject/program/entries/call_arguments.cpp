#include "gradient_check/subject/program/entries/call_arguments.h"

#include <algorithm>

#include "gradient_check/python/runtime/function.h"
#include "gradient_check/python/runtime/scope.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/subject/program/entries/json_argument.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;
using python::Value;

bool takes_many(const ast::Parameter& parameter) {
  return parameter.kind == ast::ParameterKind::var_positional ||
         parameter.kind == ast::ParameterKind::var_keyword;
}

/// What stands in brackets, where a tensor is called params["W1"] and `argument` is params.
std::string key_within(const std::string& tensor, const std::string& argument) {
  const std::string opened = argument + "[\"";
  if (!tensor.starts_with(opened) || !tensor.ends_with("\"]")) return "";
  return tensor.substr(opened.size(), tensor.size() - opened.size() - 2);
}

bool holds_any(const NamedTensors& values, const std::string& argument) {
  return std::any_of(values.begin(), values.end(), [&](const auto& tensor) {
    return !key_within(tensor.first, argument).empty();
  });
}

}  // namespace

Value function_behind(const Value& callable) {
  if (const auto* method = callable.get_if<python::BoundMethod>())
    return function_behind(method->function);
  return callable.is(python::Kind::function) ? callable : Value();
}

CallArguments::CallArguments(const EvaluatedProgram& program, const Case& loaded,
                             const Value& function, std::size_t skipped)
    : program_(&program), case_(&loaded) {
  const auto* all = function.as<python::Function>().scope.parameters;
  for (std::size_t i = skipped; all && i < all->size(); ++i) {
    if (takes_many((*all)[i])) continue;
    parameters_.push_back((*all)[i]);
    names_.push_back((*all)[i].name);
  }
}

bool CallArguments::has(const std::string& name) const {
  return std::find(names_.begin(), names_.end(), name) != names_.end();
}

bool CallArguments::needs(const std::string& name) const {
  return std::any_of(parameters_.begin(), parameters_.end(), [&](const auto& parameter) {
    return parameter.name == name && !parameter.default_value;
  });
}

const JsonValue* CallArguments::said(const std::string& name) const {
  const auto& arguments = case_->program->options.arguments;
  return arguments ? arguments->value().find(name) : nullptr;
}

bool CallArguments::is_set(const std::string& name) const { return said(name) != nullptr; }

std::vector<std::string> CallArguments::missing(const NamedTensors& values) const {
  std::vector<std::string> missing;
  for (const ast::Parameter& parameter : parameters_)
    if (!parameter.default_value && !values.contains(parameter.name) && !is_set(parameter.name) &&
        !holds_any(values, parameter.name))
      missing.push_back(parameter.name);
  return missing;
}

std::vector<std::string> CallArguments::tensors(const NamedTensors& values) const {
  std::vector<std::string> found;
  for (const std::string& name : names_) {
    if (values.contains(name)) found.push_back(name);
    for (const auto& [tensor, value] : values)
      if (!key_within(tensor, name).empty()) found.push_back(tensor);
  }
  return found;
}

Value CallArguments::value_of(const ast::Parameter& parameter, const NamedTensors& values,
                              const ValuesByName& others) const {
  python::Interpreter& interpreter = program_->running().interpreter();
  if (const auto other = others.find(parameter.name); other != others.end()) return other->second;
  if (const at::Tensor* tensor = values.find(parameter.name))
    return program_->argument(parameter, *tensor);
  if (const JsonValue* json = said(parameter.name)) {
    const Value value = argument_value(interpreter, *json);
    return value.is(python::Kind::real) ? Value::real(value.as_real() * program_->number_scale())
                                        : value;
  }
  if (!holds_any(values, parameter.name)) return {};
  auto dictionary = python::make<python::Dict>(interpreter.heap);
  for (const auto& [name, tensor] : values)
    if (const std::string key = key_within(name, parameter.name); !key.empty())
      dictionary->set(std::string_view(key), program_->tensor_value(tensor));
  return dictionary;
}

BoundArguments CallArguments::bound(const NamedTensors& values, const ValuesByName& others,
                                    std::vector<Value> first) const {
  BoundArguments call{std::move(first), {}};
  bool by_name = false;  // after one that is left out
  for (const ast::Parameter& parameter : parameters_) {
    Value value = value_of(parameter, values, others);
    by_name |= !value.is_set() || parameter.kind == ast::ParameterKind::keyword_only;
    if (!value.is_set()) continue;
    call.values.push_back(std::move(value));
    if (by_name) call.names.push_back(Value::string(parameter.name));
  }
  return call;
}

}  // namespace gradient_check
