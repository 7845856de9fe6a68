#include <ATen/ops/clamp_min.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include "gradient_check/subject/losses/losses.h"

namespace gradient_check {
namespace {

// l = max(0, margin - t x), t = ±1      ∂l/∂x = -t where t x < margin, else 0     x, t: (*)
//                                                              (Cortes and Vapnik 1995)
class Hinge : public Loss {
 public:
  Hinge(std::string reduction, double margin) : reduction_(std::move(reduction)), margin_(margin) {}

  at::Tensor forward(const at::Tensor& input, const at::Tensor& target,
                     Tensors& saved) const override {
    const at::Tensor t = target.to(input.scalar_type()), slack = margin_ - t * input;
    saved = {slack, t};
    return reduce(slack.clamp_min(0), reduction_);
  }

  at::Tensor backward(const at::Tensor& grad_output, const Tensors& saved) const override {
    const at::Tensor grad = reduce_backward(grad_output, saved[0].sizes(), reduction_);
    return at::where(saved[0] > 0, -(grad * saved[1]), at::zeros_like(saved[0]));
  }

  at::Tensor reference(const at::Tensor& input, const at::Tensor& target) const override {
    return reduce(at::relu(margin_ - target * input), reduction_);
  }

 private:
  std::string reduction_;
  double margin_;
};

}  // namespace

const LossType hinge_loss_type{"hinge",
                               {reduction_option(), number_option("margin", 1.0)},
                               [](const Options& options, const at::Tensor& input,
                                  const at::Tensor& target) -> std::unique_ptr<Loss> {
                                 expect_same_shape(input, target);
                                 return std::make_unique<Hinge>(options.choice("reduction"),
                                                                options.number("margin"));
                               }};

}  // namespace gradient_check
