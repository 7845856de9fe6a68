#include "gradient_check/subject/program/frame_variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/klass.h"
#include "gradient_check/python/runtime/module.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"
#include "gradient_check/python/runtime/text.h"

namespace gradient_check {
namespace {

using python::Kind;
using python::Value;

/// How deep and how many of the values within objects are looked at.
constexpr int most_depth = 3;
constexpr std::size_t most_values = 400, most_elements = 64;

Value* own_slot(const python::Frame& frame, const std::string& name) {
  const auto& names = frame.scope.variables;
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end() || !frame.slots) return nullptr;
  Value* slot = frame.slots + (found - names.begin());
  if (auto* cell = slot->get_if<python::Cell>()) return &cell->value;
  return slot;
}

Value* global_slot(const python::Frame& frame, const std::string& name) {
  python::Module& module = *frame.code.module;
  const auto found = module.slots.find(name);
  return found == module.slots.end() ? nullptr : &module.values[found->second];
}

Value* in_dict(python::Dict& dict, const std::string& key) {
  auto* entry = dict.table.find(python::Text(key));
  return entry ? &entry->value : nullptr;
}

Value* stepped(const Value& from, const VariablePath::Step& step) {
  if (const auto* attribute = std::get_if<VariablePath::Attribute>(&step)) {
    auto* instance = from.get_if<python::Instance>();
    return instance ? in_dict(*instance->attributes, attribute->name) : nullptr;
  }
  if (const auto* key = std::get_if<std::string>(&step)) {
    auto* dict = from.get_if<python::Dict>();
    return dict ? in_dict(*dict, *key) : nullptr;
  }
  auto* list = from.get_if<python::List>();
  if (!list) return nullptr;
  const std::int64_t index = std::get<std::int64_t>(step);
  const auto size = static_cast<std::int64_t>(list->elements.size());
  const bool exists = index >= -size && index < size;
  return exists ? &list->elements[static_cast<std::size_t>(index < 0 ? index + size : index)]
                : nullptr;
}

/// Adds what values hold under the names that lead to them.
class Expansion {
 public:
  explicit Expansion(std::map<std::string, Value>& into) : into_(into) {}

  void add(const std::string& text, const Value& value, int depth = 0) {
    if (!value.is_set() || into_.size() > most_values) return;
    into_.emplace(text, value);
    if (depth >= most_depth || !value.is_object() || !seen_.insert(value.as_object()).second)
      return;
    if (auto* instance = value.get_if<python::Instance>())
      add_entries(*instance->attributes, depth,
                  [&](const std::string& name) { return text + "." + name; });
    else if (auto* dict = value.get_if<python::Dict>())
      add_entries(*dict, depth,
                  [&](const std::string& name) { return text + "[\"" + name + "\"]"; });
    else if (auto* list = value.get_if<python::List>(); list && is_short(*list))
      for (std::size_t i = 0; i < list->elements.size(); ++i)
        add(fmt::format("{}[{}]", text, i), list->elements[i], depth + 1);
  }

 private:
  static bool is_short(const python::List& list) { return list.elements.size() <= most_elements; }

  template <typename Text>
  void add_entries(python::Dict& dict, int depth, const Text& text) {
    if (dict.table.size() > most_elements) return;
    for (const auto& entry : dict.table.entries())
      if (entry.key.is(Kind::string)) add(text(python::text_of(entry.key)), entry.value, depth + 1);
  }

  std::map<std::string, Value>& into_;
  std::set<const python::Object*> seen_;
};

bool is_data(const Value& value) {
  return !value.is(Kind::module) && !value.is(Kind::klass) && !value.is(Kind::function) &&
         !value.is(Kind::builtin);
}

}  // namespace

std::optional<Located> locate(const python::Frame& frame, const VariablePath& path) {
  Located located{own_slot(frame, path.root), path.root, path.root};
  if (!located.value) located.value = global_slot(frame, path.root);
  if (!located.value || !located.value->is_set()) return std::nullopt;
  VariablePath taken{path.root, {}};
  for (const VariablePath::Step& step : path.steps) {
    Value* next = stepped(*located.value, step);
    if (!next) break;
    taken.steps.push_back(step);
    located.key =
        fmt::format("{}{}", fmt::ptr(located.value->as_object()), VariablePath{"", {step}}.text());
    located.value = next;
  }
  located.text = taken.text();
  return located;
}

namespace {

void add_globals(const python::Frame& frame, Expansion& expansion) {
  for (const auto& [name, slot] : frame.code.module->slots)
    if (const Value& value = frame.code.module->values[slot]; is_data(value))
      expansion.add(name, value);
}

}  // namespace

std::map<std::string, Value> variables_of(const python::Frame& frame) {
  std::map<std::string, Value> variables;
  Expansion expansion(variables);
  for (const std::string& name : frame.scope.variables)
    if (const Value* slot = own_slot(frame, name)) expansion.add(name, *slot);
  if (frame.scope.owner == python::Scope::Owner::module) add_globals(frame, expansion);
  return variables;
}

std::string way_to(const python::Frame& frame, const Value& object) {
  std::map<std::string, Value> all = variables_of(frame), globals;
  Expansion expansion(globals);
  add_globals(frame, expansion);
  for (const auto* variables : {&all, &globals})
    for (const auto& [text, value] : *variables)
      if (value.same(object)) return text;
  return "";
}

Environment environment_of(const python::Frame& frame, bool arrays) {
  Environment environment;
  for (const auto& [name, value] : variables_of(frame))
    environment[name] = to_environment(value, arrays);
  return environment;
}

at::Tensor tensor_in(const Value& value) {
  if (value.is(Kind::tensor)) return python::tensor_of(value);
  const python::Array* array = python::as_array(value);
  return array ? array->tensor : at::Tensor();
}

Value value_like(const Value& like, const at::Tensor& tensor) {
  if (python::as_array(like)) return python::result_value(tensor);
  return python::value_of(tensor);
}

}  // namespace gradient_check
