#include "gradient_check/subject/program/local_variables.h"

#include <algorithm>

#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/function.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check {
namespace {

python::Value* slot_of(const python::Frame& frame, const std::string& name) {
  const auto& names = frame.scope.variables;
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end() || !frame.slots) return nullptr;
  python::Value* slot = frame.slots + (found - names.begin());
  if (auto* cell = slot->get_if<python::Cell>()) return &cell->value;
  return slot;
}

}  // namespace

python::Value local_variable(const python::Frame& frame, const std::string& name) {
  const python::Value* slot = slot_of(frame, name);
  return slot ? *slot : python::Value();
}

void set_local_variable(python::Frame& frame, const std::string& name, python::Value value) {
  if (python::Value* slot = slot_of(frame, name)) *slot = std::move(value);
}

Environment local_variables(const python::Frame& frame, bool arrays) {
  Environment variables;
  for (const std::string& name : frame.scope.variables)
    if (const python::Value value = local_variable(frame, name); value.is_set())
      variables[name] = to_environment(value, arrays);
  return variables;
}

at::Tensor tensor_in(const python::Value& value) {
  if (value.is(python::Kind::tensor)) return python::tensor_of(value);
  const python::Array* array = python::as_array(value);
  return array ? array->tensor : at::Tensor();
}

python::Value value_like(const python::Value& like, const at::Tensor& tensor) {
  if (python::as_array(like)) return python::result_value(tensor);
  return python::value_of(tensor);
}

}  // namespace gradient_check
