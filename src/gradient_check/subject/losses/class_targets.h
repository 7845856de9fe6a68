#pragma once

#include <ATen/core/Tensor.h>

namespace gradient_check {

/// The dimension of `input` that holds the classes: 0 of (C), else 1 of (N, C, *).
std::int64_t class_dimension(const at::Tensor& input);
/// Throws LayerError unless `target` holds class indices for `input`: (N, *) for (N, C, *), whole
/// numbers from 0 to C - 1, or `ignore_index`.
void expect_class_indices(const at::Tensor& input, const at::Tensor& target,
                          std::int64_t ignore_index);
/// Throws LayerError unless `weight` is undefined or (C).
void expect_class_weight(const at::Tensor& input, const at::Tensor& weight);

/// For class indices: what each position weighs (its class's weight; 0 where ignored), in the dtype
/// of `input`: the target's shape.
at::Tensor position_weights(const at::Tensor& input, const at::Tensor& target,
                            const at::Tensor& weight, std::int64_t ignore_index);
/// Class indices with ignored ones replaced by 0, as int64, with a class dimension of 1 inserted.
at::Tensor gather_indices(const at::Tensor& input, const at::Tensor& target,
                          std::int64_t ignore_index);

}  // namespace gradient_check
