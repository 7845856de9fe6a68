#include "gradient_check/subject/program/entries/program_object.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/klass.h"
#include "gradient_check/python/runtime/text.h"
#include "gradient_check/subject/evaluation_scope.h"
#include "gradient_check/subject/program/entries/gradient_name.h"

namespace gradient_check {
namespace {

using python::Value;

/// Statistics that are kept beside parameters, and what gradients are called.
bool is_kept_aside(const std::string& name) {
  const std::string last = last_part(name);
  for (const char* prefix :
       {"running", "moving", "grad", "cache", "_cache", "velocity", "momentum"})
    if (last.starts_with(prefix)) return true;
  return last.ends_with("_grad") || last.find("mask") != std::string::npos;
}

at::Tensor sum_of(const std::vector<at::Tensor>& outputs) {
  at::Tensor sum;
  for (const at::Tensor& output : outputs) {
    if (!output.requires_grad()) continue;
    sum = sum.defined() ? sum + output.sum() : output.sum();
  }
  return sum;
}

/// So that what an object keeps of its inputs is another tensor each time.
NamedTensors copies_of(const NamedTensors& values) {
  NamedTensors copies;
  for (const auto& [name, tensor] : values) copies.set(name, tensor.clone());
  return copies;
}

bool has_name(const std::vector<StateTensor>& state, const std::string& name) {
  return std::any_of(state.begin(), state.end(), [&](const auto& t) { return t.name == name; });
}

}  // namespace

ProgramObject::ProgramObject(const Case& loaded, const EvaluatedProgram& program,
                             std::string class_name)
    : case_(loaded), program_(program), class_name_(std::move(class_name)) {
  const Value init = program_.guarded([&] {
    const auto text = python::make<python::Text>("__init__");
    return python::find_attribute(program_.running().interpreter(),
                                  program_.running().variable(class_name_), *text);
  });
  if (const Value function = function_behind(init); function.is_set())
    constructor_ = {program_, case_, function, 1};
}

std::vector<std::string> ProgramObject::missing() const {
  NamedTensors given = case_.inputs;
  for (const auto& [name, tensor] : case_.parameters) given.set(name, tensor);
  return constructor_.missing(given);
}

Value ProgramObject::method(const Value& object, const std::string& name) const {
  const auto text = python::make<python::Text>(name);
  return python::get_attribute(program_.running().interpreter(), object, *text);
}

Value ProgramObject::make(const NamedTensors& values) const {
  python::Interpreter& interpreter = program_.running().interpreter();
  BoundArguments arguments = constructor_.bound(values);
  const Value object =
      python::call(interpreter, program_.running().variable(class_name_), arguments.arguments());
  if (initialize_) {
    const at::AutoGradMode without_gradients(false);
    initialize_(object, values);
  }
  put(object, values);
  return object;
}

void ProgramObject::put(const Value& object, const NamedTensors& values) const {
  for (const StateTensor& held : state_of(object))
    if (const at::Tensor* value = values.find(held.name); value && !value->is_same(held.tensor))
      // A backward may update its parameters in place.
      held.put(at::GradMode::is_enabled() ? *value : value->clone(), program_.gives_arrays());
}

std::vector<StateTensor> ProgramObject::kept_state(const NamedTensors& values,
                                                   const Forward& call) {
  std::vector<StateTensor> kept;
  program_.guarded([&] {
    const Value object = make(values);
    const std::vector<StateTensor> made = state_of(object);
    for (const StateTensor& held : made)
      for (const auto& [name, value] : values)
        if (constructor_.has(name) && value.sizes() == held.tensor.sizes() &&
            at::equal(value, held.tensor.detach()))
          given_.emplace(held.name, name);
    call(object, copies_of(values));
    const std::vector<StateTensor> first = state_of(object);
    call(object, copies_of(values));
    for (const StateTensor& held : state_of(object))
      if (std::any_of(first.begin(), first.end(), [&](const auto& before) {
            return before.name == held.name && before.tensor.is_same(held.tensor);
          }))
        kept.push_back(held);
    for (const StateTensor& held : kept)
      if (!has_name(made, held.name) && !is_kept_aside(held.name)) initialize_ = call;
    return 0;
  });
  return kept;
}

NamedTensors ProgramObject::parameters(const NamedTensors& values, const Forward& call) {
  NamedTensors candidates;
  std::vector<at::Tensor> seen;
  for (const StateTensor& held : kept_state(values, call)) {
    const bool known = std::any_of(seen.begin(), seen.end(),
                                   [&](const auto& other) { return other.is_same(held.tensor); });
    if (known || is_kept_aside(held.name) || case_.inputs.contains(held.name) ||
        given_.contains(held.name))
      continue;
    seen.push_back(held.tensor);
    candidates.set(held.name, held.tensor.detach().clone());
  }
  const EvaluationScope scope(case_.dtype, true);
  NamedTensors point = values;
  std::vector<at::Tensor> leaves;
  for (const auto& [name, tensor] : candidates) {
    leaves.push_back(tensor.detach().clone().requires_grad_());
    point.set(name, leaves.back().clone());
  }
  const at::Tensor sum = program_.guarded([&] { return sum_of(call(make(point), point)); });
  NamedTensors found;
  if (!sum.defined() || leaves.empty()) return found;
  const auto gradients = torch::autograd::grad({sum}, leaves, {}, false, false, true);
  auto gradient = gradients.begin();
  for (const auto& [name, tensor] : candidates)
    if ((gradient++)->defined()) found.set(name, tensor);
  return found;
}

const std::string& ProgramObject::name_of(const StateTensor& tensor) const {
  const auto given = given_.find(tensor.name);
  return given == given_.end() ? tensor.name : given->second;
}

/// (before - after) / learning rate, where a backward moved a parameter; undefined where not.
at::Tensor ProgramObject::update_of(const Value& object, const StateTensor& held,
                                    const at::Tensor& before) const {
  if (before.sizes() != held.tensor.sizes() || at::equal(before, held.tensor)) return {};
  double rate = 1;
  for (const Value& owner : {held.last().container, object})
    for (const auto& [step, value] : members_of(owner))
      if (is_learning_rate(step.key) && value.is_number()) rate = value.as_real();
  if (const auto& said = case_.program->options.arguments)
    for (const JsonMember& member : said->value().members)
      if (is_learning_rate(member.key) && member.value.is_number()) rate = member.value.number;
  return rate == 0 ? at::Tensor() : (before - held.tensor) / rate;
}

void ProgramObject::add_left_gradients(const Value& object, const NamedTensors& parameters,
                                       const NamedTensors& values, NamedTensors& gradients) const {
  for (const StateTensor& held : state_of(object)) {
    const std::string& name = name_of(held);
    if (!parameters.contains(name) || gradients.contains(name)) continue;
    at::Tensor gradient = left_gradient(program_.running().interpreter(), held);
    if (!gradient.defined()) gradient = update_of(object, held, values[name]);
    if (gradient.defined()) gradients.set(name, gradient.detach());
  }
}

}  // namespace gradient_check
