#include "gradient_check/subject/program/entries/paired_entry.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <stdexcept>

#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/subject/evaluation_scope.h"
#include "gradient_check/subject/program/entries/gradient_name.h"
#include "gradient_check/subject/program/written_gradients.h"

namespace gradient_check {
namespace {

using python::Value;

/// While it lives, what the program prints shows.
class Aloud {
 public:
  explicit Aloud(python::Interpreter& interpreter) : interpreter_(interpreter) {
    interpreter_.print = [](std::string_view text) { std::cerr << text; };
  }
  ~Aloud() { interpreter_.print = nullptr; }
  Aloud(const Aloud&) = delete;
  Aloud& operator=(const Aloud&) = delete;

 private:
  python::Interpreter& interpreter_;
};

bool is_floating(const at::Tensor& tensor) {
  return tensor.is_floating_point() || tensor.is_complex();
}

}  // namespace

HandedOn PairedEntry::handed_on(const Value& result) const {
  NamedTensors given = inputs();
  for (const auto& [name, tensor] : parameters()) given.set(name, tensor);
  return {backward_arguments_, given, written_names(program_.tree(), forward_name()), result};
}

void PairedEntry::run_first() {
  const NamedTensors values = point();
  program_.reseed();
  const Value object = program_.guarded([&] { return receiver(values); });
  const Value result = program_.guarded([&] { return call_forward(object, values); });
  try {
    handed_on_ = handed_on(result);
    are_tensors_.clear();
    for (const Value& output : handed_on_.outputs(result))
      are_tensors_.push_back(EvaluatedProgram::tensor_in(output).defined() ||
                             output.get_if<python::List>());
  } catch (const std::invalid_argument& found) {
    fail(forward_name(), fmt::format("{} returns {}", forward_name(), found.what()));
  }
  look_at(object);
  if (handed_on_.outputs(result).size() < 2) {
    tensors(handed_on_.outputs(result).front(), forward_name());
    return;
  }
  const EvaluationScope scope(case_.dtype, true);
  outputs_ = ProgramOutputs([&](const NamedTensors& at) { return forward(at); }, point(),
                            written_names(program_.tree(), forward_name()));
}

std::vector<at::Tensor> PairedEntry::outputs_of(const Value& object, const Value& result) const {
  std::vector<at::Tensor> found;
  std::vector<Value> outputs;
  try {
    outputs = handed_on_.outputs(result);
  } catch (const std::invalid_argument& what) {
    fail(forward_name(), fmt::format("{} returned another kind of value at first, now it is {}",
                                     forward_name(), what.what()));
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (i < are_tensors_.size() && !are_tensors_[i]) continue;
    for (const at::Tensor& tensor : tensors(outputs[i], forward_name()))
      found.push_back(is_constant(object, tensor) ? tensor.detach() : tensor);
  }
  if (found.empty()) fail(forward_name(), fmt::format("{} returns no tensor", forward_name()));
  return found;
}

std::vector<at::Tensor> PairedEntry::forward(const NamedTensors& values) const {
  program_.reseed();
  return program_.guarded([&] {
    const Value object = receiver(values);
    return outputs_of(object, call_forward(object, values));
  });
}

/// Backwards in NumPy write into what they are given, `dout[mask] = 0`, and nobody minds.
Value PairedEntry::cotangent_value(const at::Tensor& cotangent) const {
  return program_.tensor_value(program_.gives_arrays() ? cotangent.clone() : cotangent);
}

ValuesByName PairedEntry::cotangents(const at::Tensor& grad_output) const {
  ValuesByName values;
  const std::vector<std::string>& names = handed_on_.cotangents();
  if (names.empty()) return values;
  std::vector<at::Tensor> each{grad_output};
  if (outputs_.several())
    each = outputs_.outputs().cotangents(grad_output, outputs_.outputs().total());
  std::vector<Value> all;
  auto next = each.begin();
  for (const bool is_tensor : are_tensors_)
    all.push_back(is_tensor && next != each.end() ? cotangent_value(*next++) : Value::none());
  if (names.size() == 1 && all.size() > 1) {
    values[names[0]] = python::make<python::Tuple>(std::move(all));
    return values;
  }
  for (std::size_t i = 0; i < names.size() && i < all.size(); ++i) values[names[i]] = all[i];
  return values;
}

GradientTargets PairedEntry::targets() const {
  GradientTargets targets;
  targets.arguments = forward_arguments_.names();
  NamedTensors floating;
  for (const auto* tensors : {&inputs_, &parameters_})
    for (const auto& [name, tensor] : *tensors)
      if (is_floating(tensor)) floating.set(name, tensor);
  targets.tensors = forward_arguments_.tensors(floating);
  for (const auto& [name, tensor] : floating)
    if (std::find(targets.tensors.begin(), targets.tensors.end(), name) == targets.tensors.end())
      targets.tensors.push_back(name);
  targets.returned = written_names(program_.tree(), manual_name());
  return targets;
}

Value PairedEntry::first_aloud(const Value& object, const NamedTensors& values,
                               const ValuesByName& others) const {
  if (printed_) return call_backward(object, values, others);
  printed_ = true;
  const Aloud aloud(program_.running().interpreter());
  return call_backward(object, values, others);
}

ManualOutputs PairedEntry::manual(const NamedTensors& values, const at::Tensor& grad_output) const {
  program_.reseed();
  return program_.guarded([&] {
    const Value object = receiver(values);
    const Value result = call_forward(object, values);
    ManualOutputs found;
    // The backward may change what the forward returned.
    for (const at::Tensor& output : outputs_of(object, result))
      found.outputs.push_back(output.clone());
    ValuesByName others = cotangents(grad_output);
    others.merge(handed_on_.caches(result));
    const Value gradients = first_aloud(object, values, others);
    try {
      found.gradients = bound_gradients(gradients, case_.program->options.gradients, targets());
    } catch (const std::invalid_argument& what) {
      fail(manual_name(), fmt::format("{} returns {}", manual_name(), what.what()));
    }
    add_left_gradients(object, values, found.gradients);
    return found;
  });
}

std::optional<Place> PairedEntry::gradient_place(const std::string& name) const {
  const auto& tree = program_.tree();
  const auto written = written_gradients(tree, manual_name());
  const std::vector<std::string> names = targets().tensors;
  for (const auto& [key, span] : written)
    if (const std::string* tensor = tensor_of_gradient(key, names); tensor && *tensor == name)
      return program_.place_of(span);
  const auto parts = written_parts(tree, manual_name());
  const std::vector<std::string> arguments =
      parts.size() == names.size() ? names : forward_arguments_.names();
  for (std::size_t i = 0; i < parts.size() && i < arguments.size(); ++i)
    if (arguments[i] == name) return program_.place_of(parts[i]);
  std::vector<std::string> members = gradient_names_of(last_part(name));
  members.push_back(last_part(name));
  const python::Span member = written_member(tree, manual_name(), members);
  return member.empty() ? program_.definition_place(manual_name()) : program_.place_of(member);
}

}  // namespace gradient_check
