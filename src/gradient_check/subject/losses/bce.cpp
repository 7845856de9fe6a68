#include <ATen/ops/binary_cross_entropy.h>
#include <ATen/ops/clamp_min.h>
#include <ATen/ops/log.h>
#include <ATen/ops/log1p.h>

#include "gradient_check/subject/losses/losses.h"

namespace gradient_check {
namespace {

// l = -w (t ln x + (1 - t) ln(1 - x)), each logarithm kept at or above -100
// ∂l/∂x = w (x - t) / max(x (1 - x), ε), LibTorch's ε = 1e-12      x, t: (*)   (torch.nn.BCELoss)
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
    return reduce(weight_.defined() ? loss * weight_.to(input.scalar_type()) : loss, reduction_);
  }

  at::Tensor backward(const at::Tensor& grad_output, const Tensors& saved) const override {
    const at::Tensor &x = saved[0], &target = saved[1];
    const at::Tensor grad = reduce_backward(grad_output, x.sizes(), reduction_) * (x - target) /
                            (x * (1 - x)).clamp_min(smallest_denominator(x.scalar_type()));
    return weight_.defined() ? grad * weight_.to(x.scalar_type()) : grad;
  }

  at::Tensor reference(const at::Tensor& input, const at::Tensor& target) const override {
    const at::Tensor weight = weight_.defined() ? weight_.to(input.scalar_type()) : weight_;
    return at::binary_cross_entropy(input, target.to(input.scalar_type()), weight,
                                    reduction_code(reduction_));
  }

 private:
  /// ε, a float constant in LibTorch; in float16, where that rounds to 0, the least positive
  /// number.
  static double smallest_denominator(at::ScalarType dtype) {
    return dtype == at::kHalf ? 0x1p-24 : static_cast<double>(1e-12F);
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
