#include <ATen/ops/abs.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/clamp_min.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/log1p.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/sigmoid.h>

#include "gradient_check/subject/losses/losses.h"

namespace gradient_check {
namespace {

// l = w ((1 - t) x + k s(-x)), s softplus, k = 1 + (p - 1) t, p = pos_weight; without it k = 1
// ∂l/∂x = w ((1 - t) - k σ(-x))                       x, t: (*)   (torch.nn.BCEWithLogitsLoss)
class BceWithLogits : public Loss {
 public:
  BceWithLogits(std::string reduction, at::Tensor weight, at::Tensor pos_weight)
      : reduction_(std::move(reduction)),
        weight_(std::move(weight)),
        pos_weight_(std::move(pos_weight)) {}

  at::Tensor forward(const at::Tensor& input, const at::Tensor& target,
                     Tensors& saved) const override {
    saved = {input, target};
    // softplus(-x) = max(-x, 0) + ln(1 + e^-|x|), which does not overflow.
    const at::Tensor soft = (-input).clamp_min(0) + (-input.abs()).exp().log1p();
    return reduce(weighted((1 - target) * input + factor(target) * soft), reduction_);
  }

  at::Tensor backward(const at::Tensor& grad_output, const Tensors& saved) const override {
    const at::Tensor &x = saved[0], &target = saved[1];
    const at::Tensor grad = (1 - target) - factor(target) * (-x).sigmoid();
    return reduce_backward(grad_output, x.sizes(), reduction_) * weighted(grad);
  }

  at::Tensor reference(const at::Tensor& input, const at::Tensor& target) const override {
    const auto in_dtype = [&](const at::Tensor& t) {
      return t.defined() ? t.to(input.scalar_type()) : t;
    };
    return at::binary_cross_entropy_with_logits(input, target, in_dtype(weight_),
                                                in_dtype(pos_weight_), reduction_code(reduction_));
  }

 private:
  at::Tensor weighted(const at::Tensor& x) const {
    return weight_.defined() ? x * weight_.to(x.scalar_type()) : x;
  }
  at::Tensor factor(const at::Tensor& target) const {
    if (!pos_weight_.defined()) return at::ones_like(target);
    return 1 + (pos_weight_.to(target.scalar_type()) - 1) * target;
  }

  std::string reduction_;
  at::Tensor weight_;
  at::Tensor pos_weight_;
};

}  // namespace

const LossType bce_with_logits_loss_type{
    "bce_with_logits",
    {reduction_option(), tensor_option("weight"), tensor_option("pos_weight")},
    [](const Options& options, const at::Tensor& input,
       const at::Tensor& target) -> std::unique_ptr<Loss> {
      expect_same_shape(input, target);
      return std::make_unique<BceWithLogits>(options.choice("reduction"), options.tensor("weight"),
                                             options.tensor("pos_weight"));
    }};

}  // namespace gradient_check
