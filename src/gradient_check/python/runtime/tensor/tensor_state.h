#pragma once

#include <array>
#include <string>
#include <unordered_map>

#include "gradient_check/python/runtime/dict.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check::python {

/// What an interpreter keeps beside tensors.
struct TensorState {
  /// Attributes of its own that the program gave a tensor. As long as the tensor lives somewhere.
  struct Attributes {
    c10::weak_intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl> tensor;
    Ref<Dict> values;
  };
  std::unordered_map<const c10::TensorImpl*, Attributes> attributes;
  /// Methods by name, for the caches at calls.
  std::unordered_map<std::string, Value> methods;
  /// Numbers as tensors, lately used ones.
  struct Number {
    Value value;
    at::Tensor tensor;
  };
  std::array<Number, 64> numbers;
};

/// The type that a program gets where it names one: float64 for those that are widened.
at::ScalarType named_type(const Interpreter& interpreter, at::ScalarType type);

/// A Python number as PyTorch passes it where a tensor is asked for: of dimension 0, and marked so
/// that it does not decide the result's type.
const at::Tensor& wrapped_number(Interpreter& interpreter, const Value& number);
/// The same for an operand of a tensor of type `beside`. For float32 and float64 it has that type
/// at once, which is what LibTorch would convert it to, at twice the cost of the operation.
const at::Tensor& wrapped_number(Interpreter& interpreter, const Value& number,
                                 at::ScalarType beside);

}  // namespace gradient_check::python
