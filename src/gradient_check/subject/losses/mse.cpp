#include <ATen/ops/mse_loss.h>

#include "gradient_check/subject/losses/losses.h"

namespace gradient_check {
namespace {

// l = (x - t)²      ∂l/∂x = 2 (x - t)                         x, t: (*)   (torch.nn.MSELoss)
class Mse : public Loss {
 public:
  explicit Mse(std::string reduction) : reduction_(std::move(reduction)) {}

  at::Tensor forward(const at::Tensor& input, const at::Tensor& target,
                     Tensors& saved) const override {
    const at::Tensor difference = input - target.to(input.scalar_type());
    saved = {difference};
    return reduce(difference * difference, reduction_);
  }

  at::Tensor backward(const at::Tensor& grad_output, const Tensors& saved) const override {
    return reduce_backward(grad_output, saved[0].sizes(), reduction_) * 2 * saved[0];
  }

  at::Tensor reference(const at::Tensor& input, const at::Tensor& target) const override {
    return at::mse_loss(input, target.to(input.scalar_type()), reduction_code(reduction_));
  }

 private:
  std::string reduction_;
};

}  // namespace

const LossType mse_loss_type{"mse",
                             {reduction_option()},
                             [](const Options& options, const at::Tensor& input,
                                const at::Tensor& target) -> std::unique_ptr<Loss> {
                               expect_same_shape(input, target);
                               return std::make_unique<Mse>(options.choice("reduction"));
                             }};

}  // namespace gradient_check
