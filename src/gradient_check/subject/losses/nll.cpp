#include <ATen/ops/nll_loss_nd.h>
#include <ATen/ops/zeros_like.h>

#include "gradient_check/subject/losses/class_targets.h"
#include "gradient_check/subject/losses/losses.h"

namespace gradient_check {
namespace {

// l = -w_t x_t for class t, 0 where t = ignore_index; mean divides the sum by Σ w_t
// ∂l/∂x_c = -w_t where c = t, else 0      x: (C) or (N, C, *)      t: () or (N, *)
// (torch.nn.NLLLoss)
class Nll : public Loss {
 public:
  Nll(std::string reduction, at::Tensor weight, std::int64_t ignore_index)
      : reduction_(std::move(reduction)), weight_(std::move(weight)), ignore_index_(ignore_index) {}

  at::Tensor forward(const at::Tensor& input, const at::Tensor& target,
                     Tensors& saved) const override {
    const at::Tensor weights = position_weights(input, target, weight_, ignore_index_);
    const at::Tensor indices = gather_indices(input, target, ignore_index_);
    const at::Tensor ignored = target.to(at::kLong) == ignore_index_;
    saved = {input, weights, indices, ignored};
    const at::Tensor chosen =
        input.gather(class_dimension(input), indices).squeeze(class_dimension(input));
    // Filled, not multiplied by 0: an ignored x_t may be -∞.
    const at::Tensor loss = (-(chosen * weights)).masked_fill(ignored, 0);
    if (reduction_ == "mean") return loss.sum() / weights.sum();
    return reduce(loss, reduction_);
  }

  at::Tensor backward(const at::Tensor& grad_output, const Tensors& saved) const override {
    const at::Tensor &input = saved[0], &weights = saved[1], &indices = saved[2],
                     &ignored = saved[3];
    at::Tensor per_position = grad_output * weights;
    if (reduction_ == "mean") per_position = per_position / weights.sum();
    // Filled, not multiplied by 0: where all are ignored, the mean divides by 0.
    per_position = per_position.masked_fill(ignored, 0);
    return at::zeros_like(input).scatter(class_dimension(input), indices,
                                         -per_position.unsqueeze(class_dimension(input)));
  }

  at::Tensor reference(const at::Tensor& input, const at::Tensor& target) const override {
    const at::Tensor weight = weight_.defined() ? weight_.to(input.options()) : weight_;
    return at::nll_loss_nd(input.contiguous(), target.to(at::kLong), weight,
                           reduction_code(reduction_), ignore_index_);
  }

 private:
  std::string reduction_;
  at::Tensor weight_;
  std::int64_t ignore_index_;
};

}  // namespace

const LossType nll_loss_type{
    "nll",
    {reduction_option(), tensor_option("weight"), integer_option("ignore_index", -100)},
    [](const Options& options, const at::Tensor& input,
       const at::Tensor& target) -> std::unique_ptr<Loss> {
      expect_class_indices(input, target, options.integer("ignore_index"));
      expect_class_weight(input, options.tensor("weight"));
      return std::make_unique<Nll>(options.choice("reduction"), options.tensor("weight"),
                                   options.integer("ignore_index"));
    }};

}  // namespace gradient_check
