#include <ATen/ops/clamp.h>
#include <ATen/ops/huber_loss.h>
#include <ATen/ops/where.h>

#include "gradient_check/subject/losses/losses.h"

namespace gradient_check {
namespace {

// l = d² / 2 where |d| ≤ δ, else δ (|d| - δ/2), d = x - t      ∂l/∂x = clamp(d, -δ, δ)
//                                                     x, t: (*)   (Huber 1964; torch.nn.HuberLoss)
class Huber : public Loss {
 public:
  Huber(std::string reduction, double delta) : reduction_(std::move(reduction)), delta_(delta) {}

  at::Tensor forward(const at::Tensor& input, const at::Tensor& target,
                     Tensors& saved) const override {
    const at::Tensor difference = input - target;
    saved = {difference};
    const at::Tensor size = difference.abs();
    return reduce(
        at::where(size <= delta_, difference * difference / 2, delta_ * (size - delta_ / 2)),
        reduction_);
  }

  at::Tensor backward(const at::Tensor& grad_output, const Tensors& saved) const override {
    return reduce_backward(grad_output, saved[0].sizes(), reduction_) *
           saved[0].clamp(-delta_, delta_);
  }

  at::Tensor reference(const at::Tensor& input, const at::Tensor& target) const override {
    return at::huber_loss(input, target.to(input.scalar_type()), reduction_code(reduction_),
                          delta_);
  }

 private:
  std::string reduction_;
  double delta_;
};

}  // namespace

const LossType huber_loss_type{"huber",
                               {reduction_option(), number_option("delta", 1.0)},
                               [](const Options& options, const at::Tensor& input,
                                  const at::Tensor& target) -> std::unique_ptr<Loss> {
                                 expect_same_shape(input, target);
                                 if (!(options.number("delta") > 0))
                                   throw LayerError("delta must be above 0");
                                 return std::make_unique<Huber>(options.choice("reduction"),
                                                                options.number("delta"));
                               }};

}  // namespace gradient_check
