#include <ATen/ops/amax.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/log.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros_like.h>

#include "gradient_check/subject/losses/class_targets.h"
#include "gradient_check/subject/losses/losses.h"

namespace gradient_check {
namespace {

// With s = log_softmax x over the classes and smoothing α, every target is a weight per class, q_c:
//   class index t:        q_c = w_c ((1 - α) [c = t] + α/C), 0 where t = ignore_index
//   probabilities t_c:    q_c = w_c ((1 - α) t_c + α/C)
//   l = -Σ_c q_c s_c      ∂l/∂x = e^s Σ_c q_c - q
// mean divides the sum by Σ w_t (indices) or by the number of positions (probabilities).
// Class indices: 0 · s_c is 0 even for s_c = -∞.
// x: (C) or (N, C, *)      t: () or (N, *), or the shape of x (torch.nn.CrossEntropyLoss)
class CrossEntropy : public Loss {
 public:
  CrossEntropy(const Options& options, bool indices)
      : reduction_(options.choice("reduction")),
        weight_(options.tensor("weight")),
        ignore_index_(options.integer("ignore_index")),
        smoothing_(options.number("label_smoothing")),
        indices_(indices) {}

  at::Tensor forward(const at::Tensor& input, const at::Tensor& target,
                     Tensors& saved) const override {
    const std::int64_t dim = class_dimension(input);
    const at::Tensor shifted = input - input.amax(dim, true);
    const at::Tensor logs = shifted - shifted.exp().sum(dim, true).log();
    const at::Tensor q = class_weights(input, target);
    const at::Tensor total = divisor(input, target);
    saved = {logs, q, total, ignored(input, target)};
    at::Tensor terms = q * logs;
    if (indices_) terms = terms.masked_fill(q == 0, 0);
    const at::Tensor loss = -terms.sum(dim);
    return reduction_ == "mean" ? loss.sum() / total : reduce(loss, reduction_);
  }

  at::Tensor backward(const at::Tensor& grad_output, const Tensors& saved) const override {
    const at::Tensor &logs = saved[0], &q = saved[1], &total = saved[2], &ignored = saved[3];
    const std::int64_t dim = class_dimension(logs);
    const at::Tensor slope = logs.exp() * q.sum(dim, true) - q;
    if (reduction_ == "none") return slope * grad_output.unsqueeze(dim);
    if (reduction_ == "sum") return slope * grad_output;
    // Filled, not multiplied by 0: where all are ignored, the mean divides by 0.
    return (slope * (grad_output / total)).masked_fill(ignored, 0);
  }

  at::Tensor reference(const at::Tensor& input, const at::Tensor& target) const override {
    const at::Tensor weight = weight_.defined() ? weight_.to(input.options()) : weight_;
    return at::cross_entropy_loss(input,
                                  indices_ ? target.to(at::kLong) : target.to(input.scalar_type()),
                                  weight, reduction_code(reduction_), ignore_index_, smoothing_);
  }

 private:
  /// Which positions count for nothing; broadcasts to the input.
  at::Tensor ignored(const at::Tensor& input, const at::Tensor& target) const {
    if (!indices_) return at::zeros({}, input.options().dtype(at::kBool));
    return (target.to(at::kLong) == ignore_index_).unsqueeze(class_dimension(input));
  }

  /// q, in the input's shape.
  at::Tensor class_weights(const at::Tensor& input, const at::Tensor& target) const {
    const std::int64_t dim = class_dimension(input), classes = input.size(dim);
    at::Tensor probabilities;
    if (indices_) {
      const at::Tensor hit = gather_indices(input, target, ignore_index_);
      const at::Tensor kept =
          (target.to(at::kLong) != ignore_index_).to(input.scalar_type()).unsqueeze(dim);
      probabilities = at::zeros_like(input).scatter(dim, hit, 1.0);
      probabilities =
          (probabilities * (1 - smoothing_) + smoothing_ / static_cast<double>(classes)) * kept;
    } else {
      probabilities = target.to(input.scalar_type()) * (1 - smoothing_) +
                      smoothing_ / static_cast<double>(classes);
    }
    if (!weight_.defined()) return probabilities;
    std::vector<std::int64_t> sizes(static_cast<std::size_t>(input.dim()), 1);
    sizes[static_cast<std::size_t>(dim)] = classes;
    return probabilities * weight_.to(input.options()).reshape(sizes);
  }

  at::Tensor divisor(const at::Tensor& input, const at::Tensor& target) const {
    if (indices_) return position_weights(input, target, weight_, ignore_index_).sum();
    const std::int64_t classes = input.size(class_dimension(input));
    return at::ones({}, input.options()) *
           static_cast<double>(input.numel() / std::max<std::int64_t>(classes, 1));
  }

  std::string reduction_;
  at::Tensor weight_;
  std::int64_t ignore_index_;
  double smoothing_;
  bool indices_;
};

}  // namespace

const LossType cross_entropy_loss_type{
    "cross_entropy",
    {reduction_option(), tensor_option("weight"), integer_option("ignore_index", -100),
     number_option("label_smoothing", 0.0).at_least(0).at_most(1)},
    [](const Options& options, const at::Tensor& input,
       const at::Tensor& target) -> std::unique_ptr<Loss> {
      const bool probabilities = target.is_floating_point() && target.sizes() == input.sizes();
      if (probabilities && options.integer("ignore_index") >= 0)
        throw LayerError("ignore_index is for class indices; the target holds class probabilities");
      if (!probabilities) expect_class_indices(input, target, options.integer("ignore_index"));
      expect_class_weight(input, options.tensor("weight"));
      return std::make_unique<CrossEntropy>(options, !probabilities);
    }};

}  // namespace gradient_check
