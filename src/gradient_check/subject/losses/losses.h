#pragma once

#include "gradient_check/subject/layer.h"

namespace gradient_check {

// One per file of this folder; table.cpp lists them.
extern const LossType mse_loss_type, l1_loss_type, huber_loss_type, bce_loss_type,
    bce_with_logits_loss_type, nll_loss_type, cross_entropy_loss_type, hinge_loss_type,
    kl_div_loss_type;

/// The option every loss has: torch.nn's "mean" (default), "sum" or "none".
OptionSpec reduction_option();
/// `elementwise` reduced as the reduction says.
at::Tensor reduce(const at::Tensor& elementwise, const std::string& reduction);
/// The adjoint of reduce: `grad_output` spread over `elementwise_sizes`, divided by the number of
/// elements for "mean". Shape: `elementwise_sizes`.
at::Tensor reduce_backward(const at::Tensor& grad_output, at::IntArrayRef elementwise_sizes,
                           const std::string& reduction);
/// at::Reduction's number for a reduction's name.
std::int64_t reduction_code(const std::string& reduction);
/// Throws LayerError unless both shapes are the same.
void expect_same_shape(const at::Tensor& input, const at::Tensor& target);
/// Throws LayerError unless `weight` is undefined or broadcasts to the input's shape.
void expect_broadcasts(const std::string& name, const at::Tensor& weight, const at::Tensor& input);

}  // namespace gradient_check
