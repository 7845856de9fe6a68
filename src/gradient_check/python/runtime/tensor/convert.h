#pragma once

#include <ATen/core/ivalue.h>

#include <optional>

#include "gradient_check/python/runtime/tensor/operator_table.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check::python {

class Interpreter;

/// A Python number, or nothing.
std::optional<at::Scalar> to_scalar(const Value& value);
Value from_scalar(const at::Scalar& scalar);

/// The value as an operator's parameter takes it; nothing if it does not. `numbers_as_tensors`: a
/// number may stand for a tensor.
std::optional<c10::IValue> to_argument(Interpreter& interpreter, const Value& value,
                                       const OperatorParameter& parameter, bool numbers_as_tensors);

/// An operator's result.
Value from_result(const c10::IValue& result);

/// A tensor's shape, or any list of ints, as torch.Size.
Value make_size(c10::IntArrayRef sizes);

}  // namespace gradient_check::python
