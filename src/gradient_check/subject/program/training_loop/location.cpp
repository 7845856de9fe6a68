#include "gradient_check/subject/program/training_loop/location.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/scalar_tensor.h>
#include <c10/core/DefaultDtype.h>
#include <fmt/format.h>

#include <deque>
#include <unordered_set>
#include <utility>

#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/derived.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check {
namespace {

using python::Kind;
using python::Value;

/// A longer list holds data, element by element.
constexpr std::size_t longest_list = 512;
constexpr std::size_t most_locations = 20000;
constexpr int deepest = 6;

/// Looks breadth first for what holds floating numbers.
class LocationFinder {
 public:
  std::vector<Location> run(python::Program& program, const python::Frame& frame) {
    add_locals(program, frame);
    python::Module& module = program.module();
    for (const auto& [name, slot] : in_order(module)) {
      const auto index = slot;
      offer({name, module.values[index], &module, name,
             [&module, index](Value value) { module.values[index] = std::move(value); }},
            0);
    }
    while (!open_.empty() && found_.size() < most_locations) {
      const auto [path, value, depth] = std::move(open_.front());
      open_.pop_front();
      look_into(path, value, depth);
    }
    return std::move(found_);
  }

 private:
  struct Open {
    std::string path;
    Value value;
    int depth;
  };

  static std::vector<std::pair<std::string, std::uint32_t>> in_order(const python::Module& module) {
    std::vector<std::pair<std::string, std::uint32_t>> slots(module.slots.begin(),
                                                             module.slots.end());
    std::sort(slots.begin(), slots.end(),
              [](const auto& a, const auto& b) { return a.second < b.second; });
    return slots;
  }

  void add_locals(python::Program& program, const python::Frame& frame) {
    if (frame.scope.owner != python::Scope::Owner::function) return;
    (void)program;
    for (std::size_t i = 0; i < frame.scope.variables.size(); ++i) {
      const std::string& name = frame.scope.variables[i];
      Value* slot = &frame.slots[i];
      if (slot->is(Kind::cell)) slot = &slot->as<python::Cell>().value;
      offer({name, *slot, &frame.scope, name, [slot](Value value) { *slot = std::move(value); }},
            0);
    }
  }

  void offer(Location location, int depth) {
    const Value& value = location.value;
    if (depth == 0 && location.name.rfind("__", 0) == 0) return;
    switch (value.kind()) {
      case Kind::real:
        found_.push_back(std::move(location));
        return;
      case Kind::integer:  // a weight that begins with 0
        if (depth == 0) found_.push_back(std::move(location));
        return;
      case Kind::tensor:
        if (python::tensor_of(value).is_floating_point() && is_new(value))
          found_.push_back(std::move(location));
        return;
      case Kind::opaque:
        if (const python::Array* array = python::as_array(value))
          if (array->tensor.is_floating_point() && (array->is_scalar || is_new(value)))
            found_.push_back(std::move(location));
        return;
      case Kind::list:
      case Kind::tuple:
      case Kind::dict:
      case Kind::instance:
        if (depth < deepest && is_new(value)) open_.push_back({location.name, value, depth});
        return;
      default:
        return;
    }
  }

  bool is_new(const Value& value) {
    const void* address = value.is(Kind::tensor) ? static_cast<const void*>(value.as_tensor())
                                                 : static_cast<const void*>(value.as_object());
    return seen_.insert(address).second;
  }

  void look_into(const std::string& path, const Value& value, int depth) {
    if (auto* list = value.get_if<python::List>()) return look_into_list(path, *list, depth);
    if (const auto* tuple = value.get_if<python::Tuple>()) {
      for (std::size_t i = 0; i < tuple->elements.size() && i < longest_list; ++i)
        offer({fmt::format("{}[{}]", path, i), tuple->elements[i], tuple, std::to_string(i), {}},
              depth + 1);
      return;
    }
    if (auto* dict = value.get_if<python::Dict>()) look_into_table(path, *dict, depth, false);
    if (auto* attributes = python::attributes_of(value))
      look_into_table(path, *attributes, depth, true);
  }

  void look_into_list(const std::string& path, python::List& list, int depth) {
    if (list.elements.size() > longest_list) return;
    python::Ref<python::List> kept(&list);
    for (std::size_t i = 0; i < list.elements.size(); ++i)
      offer({fmt::format("{}[{}]", path, i), list.elements[i], &list, std::to_string(i),
             [kept, i](Value value) { kept->elements.at(i) = std::move(value); }},
            depth + 1);
  }

  static std::string key_text(const Value& key) {
    if (key.is(Kind::string)) return fmt::format("\"{}\"", python::text_of(key));
    if (key.is_integral()) return std::to_string(key.as_integer());
    return "";
  }

  void look_into_table(const std::string& path, python::Dict& dict, int depth, bool attributes) {
    if (dict.table.size() > longest_list) return;
    python::Ref<python::Dict> kept(&dict);
    for (const auto& entry : dict.table.entries()) {
      if (!entry.key.is_set()) continue;
      const std::string key = key_text(entry.key);
      if (key.empty()) continue;
      const auto store = [kept, key](Value value) {
        for (auto& each : kept->table.entries())
          if (each.key.is_set() && key_text(each.key) == key) each.value = value;
      };
      const std::string name = attributes ? fmt::format("{}.{}", path, python::text_of(entry.key))
                                          : fmt::format("{}[{}]", path, key);
      offer({name, entry.value, &dict, key, store}, depth + 1);
    }
  }

  std::vector<Location> found_;
  std::deque<Open> open_;
  std::unordered_set<const void*> seen_;
};

}  // namespace

bool Location::in_memory() const {
  if (value.is(Kind::tensor)) return true;
  const python::Array* array = python::as_array(value);
  return array && !array->is_scalar;
}

std::vector<Location> find_locations(python::Program& program, const python::Frame& frame) {
  return LocationFinder().run(program, frame);
}

at::Tensor floating_tensor(const Value& value) {
  if (value.is_number() && !value.is(Kind::boolean))
    return at::scalar_tensor(value.as_real(), c10::get_default_dtype_as_scalartype());
  const at::Tensor tensor = tensor_in(value);
  return tensor.defined() && tensor.is_floating_point() ? tensor : at::Tensor();
}

bool same_elements(const at::Tensor& a, const at::Tensor& b) {
  if (!a.defined() || !b.defined() || !a.has_storage() || !b.has_storage()) return false;
  return a.storage().unsafeGetStorageImpl() == b.storage().unsafeGetStorageImpl() &&
         a.storage_offset() == b.storage_offset() && a.numel() == b.numel() &&
         a.scalar_type() == b.scalar_type();
}

void put_value(const Location& location, const at::Tensor& tensor) {
  if (location.in_memory()) {
    const at::NoGradGuard no_grad;
    tensor_in(location.value).variable_data().copy_(tensor);
  } else if (location.store) {
    location.store(python::as_array(location.value) ? python::result_value(tensor.clone())
                                                    : Value::real(tensor.item().toDouble()));
  }
}

void put_followed(const Location& location, const at::Tensor& tensor, bool arrays) {
  python::Array* const array = python::as_array(location.value);
  if (!location.in_memory()) {
    if (location.store)
      location.store(arrays || array ? python::result_value(tensor.clone())
                                     : python::value_of(tensor.clone()));
  } else if (array) {
    array->tensor = tensor.clone();
  } else {
    const at::Tensor own = tensor_in(location.value);
    own.unsafeGetTensorImpl()->set_autograd_meta(nullptr);
    own.copy_(tensor);
  }
}

}  // namespace gradient_check
