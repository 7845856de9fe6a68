#include <ATen/ops/clamp.h>
#include <ATen/ops/erfc.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/tanh.h>

#include <numbers>

#include "gradient_check/subject/layers/layers.h"

namespace gradient_check {
namespace {

// none: y = x Φ(x)      ∂y/∂x = Φ(x) + x φ(x), Φ, φ the standard normal's cdf and density
// tanh: y = x (1 + t) / 2,  t = tanh u,  u = √(2/π) (x + 0.044715 x³)
//       ∂y/∂x = (1 + t) / 2 + x (1 - t²) u′ / 2,  u′ = √(2/π) (1 + 3 · 0.044715 x²)
//                                          x: (*)   (Hendrycks and Gimpel 2016; torch.nn.GELU)
class Gelu : public Layer {
 public:
  explicit Gelu(std::string approximate) : approximate_(std::move(approximate)) {}

  at::Tensor forward(const at::Tensor& input, const Tensors&, Tensors& saved) const override {
    saved = {input};
    if (approximate_ == "tanh") return input * ((1 + inner(input).tanh()) / 2);
    return input * distribution(input);
  }

  LayerGradients backward(const at::Tensor& grad_output, const Tensors&,
                          const Tensors& saved) const override {
    const at::Tensor& x = saved[0];
    if (approximate_ == "tanh") {
      const at::Tensor t = inner(x).tanh();
      // Beyond ±10, 1 - t² is 0 and x² could overflow.
      const at::Tensor near = x.clamp(-10, 10);
      const at::Tensor inner_slope = root_two_over_pi * (1 + 3 * cubic * near * near);
      return {grad_output * ((1 + t) / 2 + x * (1 - t * t) * inner_slope / 2), {}};
    }
    const at::Tensor density =
        (x * x * -0.5).exp() * (std::numbers::inv_sqrtpi / std::numbers::sqrt2);
    return {grad_output * (distribution(x) + x * density), {}};
  }

  at::Tensor reference(const at::Tensor& input, const Tensors&) const override {
    return at::gelu(input, approximate_);
  }

 private:
  static constexpr double root_two_over_pi = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
  static constexpr double cubic = 0.044715;

  static at::Tensor inner(const at::Tensor& x) {
    return root_two_over_pi * (x + cubic * x * x * x);
  }
  /// Φ by erfc, which keeps its digits in the left tail.
  static at::Tensor distribution(const at::Tensor& x) {
    return at::erfc(x * -(1 / std::numbers::sqrt2)) / 2;
  }

  std::string approximate_;
};

}  // namespace

const LayerType gelu_layer{"gelu",
                           {choice_option("approximate", {"none", "tanh"}, "none")},
                           [](const Options& options, const at::Tensor&) -> std::unique_ptr<Layer> {
                             return std::make_unique<Gelu>(options.choice("approximate"));
                           }};

}  // namespace gradient_check
