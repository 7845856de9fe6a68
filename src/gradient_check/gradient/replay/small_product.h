#pragma once

#include <optional>

#include "gradient_check/gradient/replay/patch.h"

namespace gradient_check {

// The change of a matrix product in loops of our own, where it is so small that to call LibTorch's
// operators costs many times the arithmetic. float64 matrices only; nothing where that is not so.

/// a [m, k] changed in the patch, b [k, n] as recorded: the new rows of `result`, all columns.
std::optional<at::Tensor> small_left_moved(const at::Tensor& result, const Patch& patch,
                                           const at::Tensor& a, const at::Tensor& b);
/// b [k, n] changed in the patch, a [m, k] as recorded: the new columns of `result`, all rows.
std::optional<at::Tensor> small_right_moved(const at::Tensor& result, const Patch& patch,
                                            const at::Tensor& a, const at::Tensor& b);

}  // namespace gradient_check
