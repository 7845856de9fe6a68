#include <ATen/core/Reduction.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/kl_div.h>
#include <ATen/ops/xlogy.h>

#include "gradient_check/subject/losses/losses.h"

namespace gradient_check {
namespace {

// l = t (ln t - x), 0 where t = 0; with log_target e^t (t - x); x holds log-probabilities
// ∂l/∂x = -t, or -e^t; batchmean divides the sum by the first dimension     x, t: (*)
//                                              (Kullback and Leibler 1951; torch.nn.KLDivLoss)
class KlDiv : public Loss {
 public:
  KlDiv(std::string reduction, bool log_target)
      : reduction_(std::move(reduction)), log_target_(log_target) {}

  at::Tensor forward(const at::Tensor& input, const at::Tensor& target,
                     Tensors& saved) const override {
    const at::Tensor t = target.to(input.scalar_type());
    saved = {t};
    const at::Tensor loss = log_target_ ? t.exp() * (t - input) : at::xlogy(t, t) - t * input;
    if (reduction_ == "batchmean") return loss.sum() / static_cast<double>(loss.size(0));
    return reduce(loss, reduction_);
  }

  at::Tensor backward(const at::Tensor& grad_output, const Tensors& saved) const override {
    const at::Tensor& target = saved[0];
    const bool batchmean = reduction_ == "batchmean";
    const at::Tensor grad =
        reduce_backward(grad_output, target.sizes(), batchmean ? "sum" : reduction_);
    const at::Tensor slope = log_target_ ? -target.exp() : -target;
    return batchmean ? grad * slope / static_cast<double>(target.size(0)) : grad * slope;
  }

  at::Tensor reference(const at::Tensor& input, const at::Tensor& target) const override {
    const at::Tensor t = target.to(input.scalar_type());
    if (reduction_ == "batchmean")
      return at::kl_div(input, t, at::Reduction::Sum, log_target_) /
             static_cast<double>(input.size(0));
    return at::kl_div(input, t, reduction_code(reduction_), log_target_);
  }

 private:
  std::string reduction_;
  bool log_target_;
};

}  // namespace

const LossType kl_div_loss_type{
    "kl_div",
    {choice_option("reduction", {"mean", "sum", "none", "batchmean"}, "mean"),
     boolean_option("log_target", false)},
    [](const Options& options, const at::Tensor& input,
       const at::Tensor& target) -> std::unique_ptr<Loss> {
      expect_same_shape(input, target);
      if (options.choice("reduction") == "batchmean" && input.dim() == 0)
        throw LayerError("batchmean needs an input with a batch dimension");
      return std::make_unique<KlDiv>(options.choice("reduction"), options.boolean("log_target"));
    }};

}  // namespace gradient_check
