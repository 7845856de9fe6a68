#include <ATen/ops/abs.h>
#include <ATen/ops/clamp_min.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/log1p.h>
#include <ATen/ops/log_sigmoid.h>
#include <ATen/ops/sigmoid.h>

#include "gradient_check/subject/losses/losses.h"

namespace gradient_check {
namespace {

// l = w ((1 - t) s(x) + p t s(-x)), s softplus, p = pos_weight or 1
// ∂l/∂x = w ((1 - t) σ(x) - p t σ(-x))                x, t: (*)   (torch.nn.BCEWithLogitsLoss)
// LibTorch's own operator writes (1 - t) x + … s(-x), whose terms cancel where x is far below 0 and
// t = 0, so the reference is made of log_sigmoid: s(x) = -log_sigmoid(-x).
class BceWithLogits : public Loss {
 public:
  BceWithLogits(std::string reduction, at::Tensor weight, at::Tensor pos_weight)
      : reduction_(std::move(reduction)),
        weight_(std::move(weight)),
        pos_weight_(std::move(pos_weight)) {}

  at::Tensor forward(const at::Tensor& input, const at::Tensor& target,
                     Tensors& saved) const override {
    const at::Tensor t = target.to(input.scalar_type());
    saved = {input, t};
    return reduce(weighted((1 - t) * softplus(input) + positive(t) * softplus(-input)), reduction_);
  }

  at::Tensor backward(const at::Tensor& grad_output, const Tensors& saved) const override {
    const at::Tensor &x = saved[0], &t = saved[1];
    const at::Tensor grad = (1 - t) * x.sigmoid() - positive(t) * (-x).sigmoid();
    return reduce_backward(grad_output, x.sizes(), reduction_) * weighted(grad);
  }

  at::Tensor reference(const at::Tensor& input, const at::Tensor& target) const override {
    const at::Tensor t = target.to(input.scalar_type());
    return reduce(
        -weighted((1 - t) * at::log_sigmoid(-input) + positive(t) * at::log_sigmoid(input)),
        reduction_);
  }

 private:
  /// max(x, 0) + ln(1 + e^-|x|), which does not overflow.
  static at::Tensor softplus(const at::Tensor& x) {
    return x.clamp_min(0) + (-x.abs()).exp().log1p();
  }
  at::Tensor weighted(const at::Tensor& x) const {
    return weight_.defined() ? x * weight_.to(x.options()) : x;
  }
  /// p t
  at::Tensor positive(const at::Tensor& t) const {
    return pos_weight_.defined() ? pos_weight_.to(t.options()) * t : t;
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
      expect_broadcasts("weight", options.tensor("weight"), input);
      expect_broadcasts("pos_weight", options.tensor("pos_weight"), input);
      return std::make_unique<BceWithLogits>(options.choice("reduction"), options.tensor("weight"),
                                             options.tensor("pos_weight"));
    }};

}  // namespace gradient_check
