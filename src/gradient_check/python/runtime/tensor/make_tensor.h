#pragma once

#include <optional>

#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check::python {

class Interpreter;

/// torch.tensor(data): numbers, and lists or tuples of them or of tensors of one element. Without a
/// dtype it is PyTorch's: bool, int64, the default dtype, or complex.
at::Tensor make_tensor(Interpreter& interpreter, const Value& data,
                       std::optional<at::ScalarType> dtype);

/// Raises IndexError as PyTorch does.
std::int64_t checked_index(const at::Tensor& tensor, std::int64_t index);

}  // namespace gradient_check::python
