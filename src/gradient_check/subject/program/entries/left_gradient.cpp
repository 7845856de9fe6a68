#include <algorithm>
#include <array>

#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/klass.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"
#include "gradient_check/python/runtime/text.h"
#include "gradient_check/subject/program/entries/gradient_name.h"
#include "gradient_check/subject/program/entries/object_state.h"

namespace gradient_check {
namespace {

using python::Value;
using Members = std::vector<std::pair<StateStep, Value>>;

at::Tensor tensor_within(const Value& value) {
  if (value.is(python::Kind::tensor)) return python::tensor_of(value);
  const python::Array* array = python::as_array(value);
  return array ? array->tensor : at::Tensor();
}

bool is_same_tensor(const Value& value, const at::Tensor& tensor) {
  const at::Tensor other = tensor_within(value);
  return other.defined() && other.is_same(tensor);
}

/// Whether a container's name says that it holds gradients.
bool holds_gradients(const std::string& name, const std::string& beside) {
  const auto names = gradient_names_of(beside);
  return name.find("grad") != std::string::npos || name.find("nabla") != std::string::npos ||
         name == "dparams" || name == "deltas" ||
         std::find(names.begin(), names.end(), name) != names.end();
}

/// Looks for the gradient of one tensor among what stands around it.
class GradientSearch {
 public:
  explicit GradientSearch(const StateTensor& tensor) : tensor_(tensor) {}

  at::Tensor find(python::Interpreter& interpreter) {
    const StateStep& step = tensor_.last();
    if (step.container.get_if<python::Instance>()) look_beside(step);
    if (step.container.get_if<python::Dict>()) look_beside(step);
    look_on_tensor(interpreter);
    if (tensor_.path.size() > 1) look_in_holder(tensor_.path[tensor_.path.size() - 2], step);
    look_in_lists();
    look_in_dictionaries();
    return found_;
  }

 private:
  void take(const Value& value) {
    const at::Tensor tensor = tensor_within(value);
    if (!found_.defined() && tensor.defined() && !tensor.is_same(tensor_.tensor)) found_ = tensor;
  }

  /// dW beside W; grad beside the data of a Parameter.
  void look_beside(const StateStep& step) {
    const Members members = members_of(step.container);
    std::vector<std::string> names;
    for (const auto& [other, value] : members)
      if (tensor_within(value).defined()) names.push_back(other.key);
    const auto exact = gradient_names_of(step.key);
    for (const std::string& name : exact)
      for (const auto& [other, value] : members)
        if (other.key == name) take(value);
    for (const auto& [other, value] : members) {
      const bool wrapped = (step.key == "data" || step.key == "value" || step.key == "val") &&
                           (other.key == "grad" || other.key == "gradient" || other.key == "g");
      std::vector<std::string> rest;
      for (const std::string& name : names)
        if (name != other.key) rest.push_back(name);
      const std::string* owner = tensor_of_gradient(other.key, rest);
      if (wrapped || (owner && *owner == step.key)) take(value);
    }
  }

  /// W.grad, which the program gave the tensor itself.
  void look_on_tensor(python::Interpreter& interpreter) {
    if (found_.defined()) return;
    const StateStep& step = tensor_.last();
    for (const auto& [other, value] : members_of(step.container)) {
      if (other.key != step.key || other.index != step.index || !value.is(python::Kind::tensor))
        continue;
      for (const char* name : {"grad", "g", "gradient"}) {
        const auto text = python::make<python::Text>(name);
        take(python::find_attribute(interpreter, value, *text));
      }
    }
  }

  /// params["W"] and grads["W"]; weights[0] and dweights[0].
  void look_in_holder(const StateStep& holder, const StateStep& step) {
    for (const auto& [other, value] : members_of(holder.container))
      if (other.key != holder.key && holds_gradients(other.key, holder.key))
        for (const auto& [inner, gradient] : members_of(value))
          if (step.key.empty() ? inner.index == step.index : says(inner.key, step.key))
            take(gradient);
  }

  static bool says(const std::string& key, const std::string& name) {
    const auto names = gradient_names_of(name);
    return key == name || std::find(names.begin(), names.end(), key) != names.end();
  }

  /// self.params = [W, b] and self.grads = [dW, db]
  void look_in_lists() {
    for (const StateStep& level : tensor_.path) {
      const Members members = members_of(level.container);
      for (const auto& [list, value] : members)
        for (const auto& [element, held] : members_of(value)) {
          if (!element.key.empty() || !is_same_tensor(held, tensor_.tensor)) continue;
          for (const auto& [other, gradients] : members)
            if (other.key != list.key && holds_gradients(other.key, list.key))
              for (const auto& [at, gradient] : members_of(gradients))
                if (at.key.empty() && at.index == element.index) take(gradient);
        }
    }
  }

  /// self.W and self.grads["W"]
  void look_in_dictionaries() {
    const StateStep& step = tensor_.last();
    for (auto level = tensor_.path.rbegin(); level != tensor_.path.rend(); ++level)
      for (const auto& [other, value] : members_of(level->container))
        if (value.get_if<python::Dict>() && holds_gradients(other.key, "params"))
          for (const auto& [inner, gradient] : members_of(value))
            if (!step.key.empty() && says(inner.key, step.key)) take(gradient);
  }

  const StateTensor& tensor_;
  at::Tensor found_;
};

}  // namespace

at::Tensor left_gradient(python::Interpreter& interpreter, const StateTensor& tensor) {
  return GradientSearch(tensor).find(interpreter);
}

}  // namespace gradient_check
