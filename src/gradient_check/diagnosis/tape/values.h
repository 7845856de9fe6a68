#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <cstdint>
#include <string>
#include <vector>

namespace gradient_check {

/// Whether a floating tensor holds nan or an infinity; false for any other tensor.
bool has_non_finite(const at::Tensor& tensor);
/// The flat index of the first element that is not finite; -1 where all are.
std::int64_t first_non_finite(const at::Tensor& tensor);
/// How many elements are not finite.
std::int64_t count_non_finite(const at::Tensor& tensor);
/// One element as a double, by its flat index.
double element(const at::Tensor& tensor, std::int64_t flat);

/// The tensors of an operation's argument: itself, or the members of a list.
std::vector<at::Tensor> tensors_of(const c10::IValue& argument);
/// All tensors among an operation's arguments, in order; undefined ones are left out.
std::vector<at::Tensor> tensors_of(const std::vector<c10::IValue>& arguments);
/// Whether a number among the arguments is nan or infinite.
bool has_non_finite_number(const std::vector<c10::IValue>& arguments);

/// The flat index in `operand` of the element that broadcasting pairs with element `flat` of a
/// result of shape `sizes`; -1 where the shapes do not broadcast.
std::int64_t broadcast_index(const at::Tensor& operand, at::IntArrayRef sizes, std::int64_t flat);

}  // namespace gradient_check
