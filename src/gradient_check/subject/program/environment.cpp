#include "gradient_check/subject/program/environment.h"

#include <ATen/core/Dict.h>

#include <algorithm>

#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/dict.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/convert.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check {
namespace {

using python::Kind;
using python::Value;

/// A value that only Python has.
struct HeldValue : torch::CustomClassHolder {
  explicit HeldValue(Value its_value) : value(std::move(its_value)) {}
  Value value;
};

bool holds_tensors(const python::Dict& dictionary) {
  const auto& entries = dictionary.table.entries();
  return !dictionary.default_factory.is_set() &&
         std::all_of(entries.begin(), entries.end(), [](const auto& entry) {
           return entry.key.is(Kind::string) && entry.value.is(Kind::tensor);
         });
}

c10::IValue tensors_by_name(const python::Dict& dictionary) {
  c10::Dict<std::string, at::Tensor> tensors;
  for (const auto& entry : dictionary.table.entries())
    tensors.insert(python::text_of(entry.key), python::tensor_of(entry.value));
  return tensors;
}

}  // namespace

c10::IValue to_environment(const Value& value, bool arrays) {
  switch (value.kind()) {
    case Kind::none:
      return {};
    case Kind::boolean:
      return value.as_boolean();
    case Kind::integer:
      return value.as_integer();
    case Kind::real:
      return value.as_real();
    case Kind::tensor:
      return python::tensor_of(value);
    case Kind::string:
      return python::text_of(value);
    default:
      break;
  }
  if (const python::Array* array = python::as_array(value); array && arrays) return array->tensor;
  if (const auto* tuple = value.get_if<python::Tuple>(); tuple && !tuple->fields) {
    std::vector<c10::IValue> elements;
    for (const Value& element : tuple->elements)
      elements.push_back(to_environment(element, arrays));
    return c10::ivalue::Tuple::create(std::move(elements));
  }
  if (const auto* dictionary = value.get_if<python::Dict>();
      dictionary && holds_tensors(*dictionary))
    return tensors_by_name(*dictionary);
  return c10::IValue::make_capsule(c10::make_intrusive<HeldValue>(value));
}

Value from_environment(python::Interpreter& interpreter, const c10::IValue& value, bool arrays) {
  if (value.isCapsule()) return static_cast<HeldValue*>(value.toCapsule().get())->value;
  if (value.isTensor() && arrays && value.toTensor().defined())
    return python::result_value(value.toTensor());
  if (value.isTuple()) {
    std::vector<Value> elements;
    for (const c10::IValue& element : value.toTupleRef().elements())
      elements.push_back(from_environment(interpreter, element, arrays));
    return python::make<python::Tuple>(std::move(elements));
  }
  if (value.isTensorList()) {
    std::vector<Value> elements;
    for (const at::Tensor& tensor : value.toTensorVector())
      elements.push_back(from_environment(interpreter, tensor, arrays));
    return python::make<python::List>(interpreter.heap, std::move(elements));
  }
  if (value.isGenericDict()) {
    auto dictionary = python::make<python::Dict>(interpreter.heap);
    for (const auto& entry : value.toGenericDict())
      dictionary->set(std::string_view(entry.key().toStringRef()),
                      from_environment(interpreter, entry.value(), arrays));
    return dictionary;
  }
  return python::from_result(value);
}

}  // namespace gradient_check
