#include "gradient_check/subject/program/entries/object_state.h"

#include <fmt/format.h>

#include <set>

#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/dict.h"
#include "gradient_check/python/runtime/klass.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check {
namespace {

using python::Kind;
using python::Value;

constexpr std::size_t deepest_state = 12;

at::Tensor floating_tensor(const Value& value) {
  at::Tensor tensor;
  if (value.is(Kind::tensor)) tensor = python::tensor_of(value);
  if (const python::Array* array = python::as_array(value)) tensor = array->tensor;
  if (!tensor.defined() || tensor.numel() == 0) return {};
  return tensor.is_floating_point() || tensor.is_complex() ? tensor : at::Tensor();
}

/// W of a Parameter object that keeps its tensor in `data` is called W.
bool is_wrapped(const StateStep& step) {
  const auto* instance = step.container.get_if<python::Instance>();
  return instance && (step.key == "data" || step.key == "value" || step.key == "val");
}

std::string name_of(const std::vector<StateStep>& path) {
  std::string name;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const StateStep& step = path[i];
    if (i > 0 && i + 1 == path.size() && is_wrapped(step)) break;
    if (step.container.get_if<python::Instance>())
      name += (name.empty() ? "" : ".") + step.key;
    else if (step.container.get_if<python::Dict>() && !step.key.empty())
      name += fmt::format("[\"{}\"]", step.key);
    else
      name += fmt::format(".{}", step.index);
  }
  return name;
}

class StateWalk {
 public:
  void walk(const Value& container) {
    if (path_.size() >= deepest_state || !seen_.insert(container.as_object()).second) return;
    for (auto& [step, value] : members_of(container)) {
      path_.push_back(step);
      if (const at::Tensor tensor = floating_tensor(value); tensor.defined())
        found.push_back({name_of(path_), path_, tensor});
      else if (value.is_object())
        walk(value);
      path_.pop_back();
    }
    seen_.erase(container.as_object());
  }

  std::vector<StateTensor> found;

 private:
  std::vector<StateStep> path_;
  std::set<const python::Object*> seen_;  ///< on the way
};

std::vector<std::pair<StateStep, Value>> entries_of(const Value& container,
                                                    const python::Dict& dictionary) {
  std::vector<std::pair<StateStep, Value>> members;
  const auto& entries = dictionary.table.entries();
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (entries[i].key.is_set())
      members.push_back(
          {{container, entries[i].key.is(Kind::string) ? python::text_of(entries[i].key) : "", i},
           entries[i].value});
  return members;
}

}  // namespace

std::vector<std::pair<StateStep, Value>> members_of(const Value& container) {
  if (const auto* instance = container.get_if<python::Instance>())
    return entries_of(container, *instance->attributes);
  if (const auto* dictionary = container.get_if<python::Dict>())
    return entries_of(container, *dictionary);
  const auto* list = container.get_if<python::List>();
  const auto* tuple = container.get_if<python::Tuple>();
  std::vector<std::pair<StateStep, Value>> members;
  if (!list && !tuple) return members;
  const auto& elements = list ? list->elements : tuple->elements;
  for (std::size_t i = 0; i < elements.size(); ++i)
    members.push_back({{container, "", i}, elements[i]});
  return members;
}

std::vector<StateTensor> state_of(const Value& object) {
  StateWalk walk;
  if (object.is_object()) walk.walk(object);
  return std::move(walk.found);
}

void StateTensor::put(const at::Tensor& replacement, bool as_array) const {
  const StateStep& step = last();
  Value* place = nullptr;
  if (const auto* instance = step.container.get_if<python::Instance>())
    place = &instance->attributes->table.entries().at(step.index).value;
  if (const auto* dictionary = step.container.get_if<python::Dict>())
    place = &const_cast<python::Dict*>(dictionary)->table.entries().at(step.index).value;
  if (auto* list = step.container.get_if<python::List>()) place = &list->elements.at(step.index);
  if (!place) return;
  if (python::Array* array = python::as_array(*place))
    array->tensor = replacement;
  else
    *place = as_array ? python::array_value(replacement) : python::value_of(replacement);
}

}  // namespace gradient_check
