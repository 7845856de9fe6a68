#include "gradient_check/subject/program/training_loop/program_state.h"

#include <ATen/CPUGeneratorImpl.h>

#include <cstring>
#include <utility>

#include "gradient_check/python/modules/numpy/random_state.h"
#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/derived.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/generator_value.h"
#include "gradient_check/python/runtime/tensor/tensor_state.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check {
namespace {

using python::Kind;
using python::Value;

/// Smaller tensors are written back without asking whether anything wrote to them.
constexpr std::size_t large_bytes = 1 << 20;

bool same_memory(const at::Tensor& a, const at::Tensor& b) {
  return a.storage().unsafeGetStorageImpl() == b.storage().unsafeGetStorageImpl() &&
         a.storage_offset() == b.storage_offset() && a.sizes() == b.sizes() &&
         a.strides() == b.strides();
}

char* bytes_of(const at::Tensor& tensor) {
  return static_cast<char*>(tensor.storage().data_ptr().get());
}

}  // namespace

ProgramState::ProgramState(python::Program& program, const std::vector<Value>& locals) {
  python::Interpreter& interpreter = program.interpreter();
  python::Module& module = program.module();
  saved_.emplace_back([&module, values = module.values]() {
    for (std::size_t i = 0; i < module.values.size(); ++i)
      module.values[i] = i < values.size() ? values[i] : Value();
  });
  for (const Value& value : module.values) reach(value);
  for (const Value& value : locals) reach(value);
  for (const auto& [tensor, attributes] : interpreter.tensors->attributes)
    reach(Value(attributes.values));
  saved_.emplace_back([&interpreter, attributes = interpreter.tensors->attributes]() {
    interpreter.tensors->attributes = attributes;
  });
  add_random_numbers(interpreter);
  while (!open_.empty()) {
    const Value value = std::move(open_.back());
    open_.pop_back();
    visit(value);
  }
}

void ProgramState::reach(const Value& value) {
  if (value.kind() < Kind::tensor) return;
  const void* address = value.is(Kind::tensor) ? static_cast<const void*>(value.as_tensor())
                                               : static_cast<const void*>(value.as_object());
  if (!seen_.insert(address).second) return;
  held_.push_back(value);
  open_.push_back(value);
}

template <typename T, typename Member>
void ProgramState::keep(const Value& value, Member T::*member) {
  T& object = value.as<T>();
  saved_.emplace_back([&object, member, kept = object.*member]() { object.*member = kept; });
}

void ProgramState::visit_table(const python::HashTable& table) {
  for (const auto& entry : table.entries()) {
    reach(entry.key);
    reach(entry.value);
  }
}

void ProgramState::visit(const Value& value) {
  if (python::OwnClass* own = python::own_class(value)) reach(Value(own->attributes));
  switch (value.kind()) {
    case Kind::tensor:
      return add_tensor(python::tensor_of(value));
    case Kind::list:
      keep(value, &python::List::elements);
      for (const Value& element : value.as<python::List>().elements) reach(element);
      return;
    case Kind::tuple:
      for (const Value& element : value.as<python::Tuple>().elements) reach(element);
      return;
    case Kind::dict:
      keep(value, &python::Dict::table);
      return visit_table(value.as<python::Dict>().table);
    case Kind::set:
      keep(value, &python::Set::table);
      return visit_table(value.as<python::Set>().table);
    case Kind::instance:
      reach(Value(value.as<python::Instance>().attributes));
      return reach(Value(value.as<python::Instance>().of));
    case Kind::opaque:
      return visit_opaque(value);
    default:
      return visit_callable(value);
  }
}

void ProgramState::visit_callable(const Value& value) {
  switch (value.kind()) {
    case Kind::cell:
      keep(value, &python::Cell::value);
      return reach(value.as<python::Cell>().value);
    case Kind::function: {
      keep(value, &python::Function::attributes);
      const auto& function = value.as<python::Function>();
      for (const Value& each : function.defaults) reach(each);
      for (const Value& each : function.closure) reach(each);
      if (function.attributes) reach(Value(function.attributes));
      return;
    }
    case Kind::bound_method:
      reach(value.as<python::BoundMethod>().self);
      return reach(value.as<python::BoundMethod>().function);
    case Kind::klass:
      if (value.as<python::Class>().instances) return;  // a built-in type
      return reach(Value(value.as<python::Class>().attributes));
    case Kind::module:  // one that is written in Python has state: random
      if (value.as<python::Module>().loader) return;
      for (const Value& each : value.as<python::Module>().values) reach(each);
      return;
    default:
      return;
  }
}

void ProgramState::visit_opaque(const Value& value) {
  if (python::Array* array = python::as_array(value)) {
    saved_.emplace_back([array, tensor = array->tensor]() { array->tensor = tensor; });
    return add_tensor(array->tensor);
  }
  if (auto* random = dynamic_cast<python::GeneratorValue*>(value.get_if<python::Opaque>())) {
    saved_.emplace_back(
        [random, state = random->generator.get_state()]() { random->generator.set_state(state); });
    return;
  }
  if (auto rewind = python::random_state_rewind(value)) saved_.push_back(std::move(rewind));
}

void ProgramState::add_tensor(const at::Tensor& tensor) {
  if (!tensor.has_storage() || !tensor.device().is_cpu()) return;
  tensors_.push_back({tensor, tensor.variable_data(),
                      tensor.is_leaf() && tensor.requires_grad() ? tensor.grad() : at::Tensor(),
                      tensor.is_leaf() && tensor.requires_grad()});
  if (tensors_.back().grad.defined()) reach(python::value_of(tensors_.back().grad));
  const auto* storage = tensor.storage().unsafeGetStorageImpl();
  if (!seen_.insert(storage).second || tensor.storage().nbytes() == 0) return;
  const char* from = bytes_of(tensor);
  storages_.push_back({tensors_.back().alias, {from, from + tensor.storage().nbytes()}});
}

void ProgramState::add_random_numbers(python::Interpreter& interpreter) {
  auto generator = at::detail::getDefaultCPUGenerator();
  saved_.emplace_back([state = generator.get_state()]() {
    at::Generator restored = at::detail::getDefaultCPUGenerator();
    restored.set_state(state);
  });
  if (const auto numpy = interpreter.import_module("numpy.random")) {
    const auto slot = numpy->slots.find("_state");
    if (slot != numpy->slots.end()) reach(numpy->values[slot->second]);
  }
}

void ProgramState::restore() const {
  for (const auto& restore_one : saved_) restore_one();
  for (const SavedStorage& storage : storages_)
    if (!storage.untouched)
      std::memcpy(bytes_of(storage.owner), storage.bytes.data(), storage.bytes.size());
  for (const SavedTensor& saved : tensors_) {
    at::Tensor tensor = saved.tensor;
    const bool as_was = !tensor.grad_fn() && tensor.requires_grad() == saved.requires_grad;
    if (!as_was) tensor.unsafeGetTensorImpl()->set_autograd_meta(nullptr);
    if (!same_memory(tensor, saved.alias)) tensor.set_data(saved.alias);
    if (!as_was && saved.requires_grad) tensor.requires_grad_(true);
    if (saved.requires_grad) tensor.mutable_grad() = saved.grad;
  }
}

void ProgramState::learn_written() {
  for (SavedStorage& storage : storages_)
    if (storage.bytes.size() >= large_bytes)
      storage.untouched =
          std::memcmp(bytes_of(storage.owner), storage.bytes.data(), storage.bytes.size()) == 0;
}

}  // namespace gradient_check
