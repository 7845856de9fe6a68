#include <ATen/ops/l1_loss.h>
#include <ATen/ops/sign.h>

#include "gradient_check/subject/losses/losses.h"

namespace gradient_check {
namespace {

// l = |x - t|      ∂l/∂x = sign(x - t), 0 at 0                     x, t: (*)   (torch.nn.L1Loss)
class L1 : public Loss {
 public:
  explicit L1(std::string reduction) : reduction_(std::move(reduction)) {}

  at::Tensor forward(const at::Tensor& input, const at::Tensor& target,
                     Tensors& saved) const override {
    const at::Tensor difference = input - target.to(input.scalar_type());
    saved = {difference};
    return reduce(difference.abs(), reduction_);
  }

  at::Tensor backward(const at::Tensor& grad_output, const Tensors& saved) const override {
    return reduce_backward(grad_output, saved[0].sizes(), reduction_) * saved[0].sign();
  }

  at::Tensor reference(const at::Tensor& input, const at::Tensor& target) const override {
    return at::l1_loss(input, target.to(input.scalar_type()), reduction_code(reduction_));
  }

 private:
  std::string reduction_;
};

}  // namespace

const LossType l1_loss_type{"l1",
                            {reduction_option()},
                            [](const Options& options, const at::Tensor& input,
                               const at::Tensor& target) -> std::unique_ptr<Loss> {
                              expect_same_shape(input, target);
                              return std::make_unique<L1>(options.choice("reduction"));
                            }};

}  // namespace gradient_check
