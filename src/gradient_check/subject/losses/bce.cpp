#include <ATen/ops/clamp_min.h>
#include <ATen/ops/log.h>
#include <ATen/ops/log1p.h>
#include <ATen/ops/reciprocal.h>
#include <ATen/ops/where.h>

#include "gradient_check/subject/losses/losses.h"

namespace gradient_check {
namespace {

// l = -w (t ln x + (1 - t) ln(1 - x)), each logarithm kept at or above -100   (torch.nn.BCELoss)
// ∂l/∂x = w ((1 - t) / (1 - x) - t / x), without the term whose logarithm is cut off      x, t: (*)
//
// LibTorch's own binary_cross_entropy divides by max(x (1 - x), 1e-12) instead, which is not the
// derivative of its forward where a sigmoid before it saturates: both sides here are exact.
class Bce : public Loss {
 public:
  Bce(std::string reduction, at::Tensor weight)
      : reduction_(std::move(reduction)), weight_(std::move(weight)) {}

  at::Tensor forward(const at::Tensor& input, const at::Tensor& target,
                     Tensors& saved) const override {
    const at::Tensor t = target.to(input.scalar_type());
    saved = {input, t};
    const at::Tensor loss =
        -(t * input.log().clamp_min(-100) + (1 - t) * (-input).log1p().clamp_min(-100));
    return reduce(weight_.defined() ? loss * weight_.to(input.options()) : loss, reduction_);
  }

  at::Tensor backward(const at::Tensor& grad_output, const Tensors& saved) const override {
    const at::Tensor &x = saved[0], &target = saved[1];
    const at::Tensor slope = (1 - target) * slope_of_log(1 - x) - target * slope_of_log(x);
    const at::Tensor grad = reduce_backward(grad_output, x.sizes(), reduction_) * slope;
    return weight_.defined() ? grad * weight_.to(x.options()) : grad;
  }

  at::Tensor reference(const at::Tensor& input, const at::Tensor& target) const override {
    const at::Tensor t = target.to(input.scalar_type());
    const at::Tensor inside = input > least, outside = 1 - input > least;
    // where, inside and out: the logarithm's own derivative at 0 would be 0 · inf.
    const at::Tensor log_x = at::where(inside, at::where(inside, input, 1).log(), -100);
    const at::Tensor log_1_x = at::where(outside, (-at::where(outside, input, 0)).log1p(), -100);
    const at::Tensor loss = -(t * log_x + (1 - t) * log_1_x);
    return reduce(weight_.defined() ? loss * weight_.to(input.options()) : loss, reduction_);
  }

 private:
  /// e^-100, where the logarithm is cut off.
  static constexpr double least = 3.720075976020836e-44;

  /// 1 / x where ln x > -100, else 0; cut off where the dtype has no number so large.
  static at::Tensor slope_of_log(const at::Tensor& x) {
    const double smallest = x.scalar_type() == at::kDouble ? least
                            : x.scalar_type() == at::kHalf ? 0x1.01p-16
                                                           : 0x1p-126;
    return at::where(x > least, x.clamp_min(smallest).reciprocal(), 0);
  }

  std::string reduction_;
  at::Tensor weight_;
};

}  // namespace

const LossType bce_loss_type{
    "bce",
    {reduction_option(), tensor_option("weight")},
    [](const Options& options, const at::Tensor& input,
       const at::Tensor& target) -> std::unique_ptr<Loss> {
      expect_same_shape(input, target);
      expect_broadcasts("weight", options.tensor("weight"), input);
      if ((input < 0).logical_or(input > 1).any().item<bool>())
        throw LayerError(
            "the input must lie between 0 and 1; put a sigmoid before it, or use "
            "bce_with_logits");
      return std::make_unique<Bce>(options.choice("reduction"), options.tensor("weight"));
    }};

}  // namespace gradient_check
