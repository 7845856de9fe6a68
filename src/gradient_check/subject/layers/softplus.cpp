#include <ATen/ops/abs.h>
#include <ATen/ops/clamp_min.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/log1p.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/where.h>
#include <fmt/format.h>

#include "gradient_check/subject/layers/layers.h"

namespace gradient_check {
namespace {

// y = ln(1 + e^βx) / β where βx ≤ threshold, else x
// ∂y/∂x = σ(βx) where βx ≤ threshold, else 1                      x: (*)   (torch.nn.Softplus)
class Softplus : public Layer {
 public:
  Softplus(double beta, double threshold) : beta_(beta), threshold_(threshold) {}

  at::Tensor forward(const at::Tensor& input, const Tensors&, Tensors& saved) const override {
    saved = {input};
    const at::Tensor scaled = input * beta_;
    // ln(1 + e^z) = max(z, 0) + ln(1 + e^-|z|), which does not overflow.
    const at::Tensor soft = (scaled.clamp_min(0) + (-scaled.abs()).exp().log1p()) / beta_;
    return at::where(scaled > threshold_, input, soft);
  }

  LayerGradients backward(const at::Tensor& grad_output, const Tensors&,
                          const Tensors& saved) const override {
    const at::Tensor scaled = saved[0] * beta_;
    return {at::where(scaled > threshold_, grad_output, grad_output * scaled.sigmoid()), {}};
  }

  at::Tensor reference(const at::Tensor& input, const Tensors&) const override {
    return at::softplus(input, beta_, threshold_);
  }

 private:
  double beta_;
  double threshold_;
};

}  // namespace

const LayerType softplus_layer{
    "softplus",
    {number_option("beta", 1.0), number_option("threshold", 20.0)},
    [](const Options& options, const at::Tensor&) -> std::unique_ptr<Layer> {
      const double beta = options.number("beta");
      if (!(beta > 0)) throw LayerError(fmt::format("found beta {}; expected one above 0", beta));
      return std::make_unique<Softplus>(beta, options.number("threshold"));
    }};

}  // namespace gradient_check
