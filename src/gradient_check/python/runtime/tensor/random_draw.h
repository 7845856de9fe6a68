#pragma once

#include <ATen/core/stack.h>

#include "gradient_check/python/runtime/tensor/operator_table.h"

namespace gradient_check::python {

/// Whether an operator fills a tensor with random real numbers.
bool draws_numbers(const std::string& name);
/// Calls such an operator where float64 stands for float32: the numbers are those that float32 gets
/// from the same generator, widened.
void draw_widened(const Overload& overload, torch::jit::Stack& stack);

}  // namespace gradient_check::python
