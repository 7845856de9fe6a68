#include "gradient_check/python/runtime/tensor/convert.h"

#include <ATen/core/List.h>

#include "gradient_check/python/runtime/complex_number.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/opaque.h"
#include "gradient_check/python/runtime/tensor/device.h"
#include "gradient_check/python/runtime/tensor/generator_value.h"
#include "gradient_check/python/runtime/tensor/memory_format.h"
#include "gradient_check/python/runtime/tensor/tensor_call.h"
#include "gradient_check/python/runtime/tensor/tensor_state.h"
#include "gradient_check/python/runtime/tensor/torch_optional.h"

namespace gradient_check::python {
namespace {

using c10::IValue;

/// A tensor of no dimension that PyTorch takes for a number.
bool is_number_tensor(const Value& value) {
  if (!value.is(Kind::tensor)) return false;
  const at::Tensor tensor = tensor_of(value);
  return tensor.dim() == 0 && !tensor.requires_grad();
}

std::optional<std::int64_t> to_integer(const Value& value) {
  if (value.is(Kind::integer) || value.is(Kind::boolean)) return value.as_integer();
  if (const Opaque* opaque = value.get_if<Opaque>()) return opaque->index();
  if (is_number_tensor(value) && tensor_is_index(value)) return tensor_item(value).as_integer();
  return std::nullopt;
}

std::optional<double> to_real(const Value& value) {
  if (value.is_number()) return value.as_real();
  if (!is_number_tensor(value) && !value.is(Kind::opaque)) return std::nullopt;
  const Value item = value.is(Kind::opaque) ? plain_number(value) : tensor_item(value);
  return item.is_number() ? std::optional(item.as_real()) : std::nullopt;
}

const std::vector<Value>* elements(const Value& value) {
  if (const List* list = value.get_if<List>()) return &list->elements;
  if (const Tuple* tuple = value.get_if<Tuple>()) return &tuple->elements;
  return nullptr;
}

template <typename T, typename Convert>
std::optional<IValue> to_list(const Value& value, const Convert& convert) {
  const auto* from = elements(value);
  if (!from) return std::nullopt;
  c10::List<T> list;
  list.reserve(from->size());
  for (const Value& element : *from) {
    const auto converted = convert(element);
    if (!converted) return std::nullopt;
    list.push_back(*converted);
  }
  return IValue(std::move(list));
}

std::optional<at::Tensor> to_tensor(const Value& value) {
  return value.is(Kind::tensor) ? std::optional(tensor_of(value)) : std::nullopt;
}

std::optional<IValue> to_integers(const Value& value, int length) {
  if (length > 0)
    if (const auto one = to_integer(value))
      return IValue(c10::List<std::int64_t>(
          std::vector<std::int64_t>(static_cast<std::size_t>(length), *one)));
  return to_list<std::int64_t>(value, to_integer);
}

std::optional<IValue> to_optional_tensors(const Value& value) {
  using Element = TorchOptional<at::Tensor>;
  return to_list<Element>(value, [](const Value& element) -> std::optional<Element> {
    if (element.is_none()) return Element();
    if (element.is(Kind::tensor)) return Element(tensor_of(element));
    return std::nullopt;
  });
}

template <typename T>
std::optional<IValue> wrapped(const std::optional<T>& value) {
  return value ? std::optional<IValue>(IValue(*value)) : std::nullopt;
}

}  // namespace

std::optional<at::Scalar> to_scalar(const Value& value) {
  switch (value.kind()) {
    case Kind::boolean:
      return at::Scalar(value.as_boolean());
    case Kind::integer:
      return at::Scalar(value.as_integer());
    case Kind::real:
      return at::Scalar(value.as_real());
    case Kind::complex:
      return at::Scalar(c10::complex<double>(value.as<ComplexNumber>().number));
    case Kind::tensor:
      return is_number_tensor(value) ? to_scalar(tensor_item(value)) : std::nullopt;
    case Kind::opaque: {
      const Value number = value.as<Opaque>().number();
      return number.is_set() ? to_scalar(number) : std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

Value from_scalar(const at::Scalar& scalar) {
  if (scalar.isBoolean()) return Value::boolean(scalar.toBool());
  if (scalar.isIntegral(false)) return Value::integer(scalar.toLong());
  if (scalar.isComplex()) {
    const auto number = scalar.toComplexDouble();
    return make<ComplexNumber>(number.real(), number.imag());
  }
  return Value::real(scalar.toDouble());
}

std::optional<IValue> to_argument(Interpreter& interpreter, const Value& value,
                                  const OperatorParameter& parameter, bool numbers_as_tensors) {
  if (value.is_none() && parameter.is_optional) return IValue();
  switch (parameter.type) {
    case ParameterType::tensor:
      if (numbers_as_tensors && (value.is_number() || value.is(Kind::complex)))
        return IValue(wrapped_number(interpreter, value));
      return wrapped(to_tensor(value));
    case ParameterType::scalar:
      return wrapped(to_scalar(value));
    case ParameterType::integer:
      return wrapped(to_integer(value));
    case ParameterType::real:
      return wrapped(to_real(value));
    case ParameterType::boolean:
      return value.is(Kind::boolean) ? std::optional<IValue>(value.as_boolean()) : std::nullopt;
    case ParameterType::string:
      return value.is(Kind::string) ? std::optional<IValue>(text_of(value)) : std::nullopt;
    case ParameterType::integers:
      return to_integers(value, parameter.length);
    case ParameterType::reals:
      return to_list<double>(value, to_real);
    case ParameterType::booleans:
      return to_list<bool>(value, [](const Value& element) {
        return element.is(Kind::boolean) ? std::optional(element.as_boolean()) : std::nullopt;
      });
    case ParameterType::scalars:
      return to_list<at::Scalar>(value, to_scalar);
    case ParameterType::tensors:
      return to_list<at::Tensor>(value, to_tensor);
    case ParameterType::optional_tensors:
      return to_optional_tensors(value);
    case ParameterType::dtype:
      return value.is(Kind::dtype) ? std::optional<IValue>(value.as_integer()) : std::nullopt;
    case ParameterType::memory_format:
      if (const auto* opaque = value.get_if<Opaque>())
        if (const auto* found = dynamic_cast<const MemoryFormatValue*>(opaque))
          return static_cast<std::int64_t>(found->format);
      return std::nullopt;
    case ParameterType::generator:
      if (const auto* opaque = value.get_if<Opaque>())
        if (const auto* found = dynamic_cast<const GeneratorValue*>(opaque))
          return IValue(found->generator);
      return std::nullopt;
    case ParameterType::device:
      return wrapped(to_device(value));
    default:
      return std::nullopt;
  }
}

Value from_result(const IValue& result) {
  if (result.isTensor()) return value_of(result.toTensor());
  if (result.isNone()) return Value::none();
  if (result.isBool()) return Value::boolean(result.toBool());
  if (result.isInt()) return Value::integer(result.toInt());
  if (result.isDouble()) return Value::real(result.toDouble());
  if (result.isString()) return Value::string(result.toStringRef());
  if (result.isComplexDouble()) {
    const auto number = result.toComplexDouble();
    return make<ComplexNumber>(number.real(), number.imag());
  }
  std::vector<Value> values;
  if (result.isTensorList())
    for (const at::Tensor& tensor : result.toTensorVector()) values.push_back(value_of(tensor));
  else if (result.isIntList())
    for (const std::int64_t number : result.toIntVector()) values.push_back(Value::integer(number));
  else
    raise(ErrorKind::NotImplementedError, "a result of type {} is not supported", result.tagKind());
  return make<Tuple>(std::move(values));
}

Value make_size(c10::IntArrayRef sizes) {
  std::vector<Value> values;
  for (const std::int64_t size : sizes) values.push_back(Value::integer(size));
  return make<Tuple>(std::move(values), &size_fields());
}

}  // namespace gradient_check::python
