#include <ATen/ops/ones.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/rsqrt.h>

#include "gradient_check/subject/layers/layers.h"
#include "gradient_check/subject/layers/normalization.h"
#include "gradient_check/subject/layers/widened.h"

namespace gradient_check {
namespace {

// x̂ = x r, r = 1 / √(mean x² + ε) over the last D dimensions      y = γ x̂
// with ĝ = γ g:      ∂L/∂x = r (ĝ - x̂ mean(ĝ x̂))      ∂L/∂γ = Σ g x̂
// x, y: (*, normalized_shape)      γ: normalized_shape  (Zhang and Sennrich 2019; torch.nn.RMSNorm)
class RmsNorm : public Layer {
 public:
  RmsNorm(std::vector<std::int64_t> shape, double eps, bool affine, at::ScalarType dtype)
      : shape_(std::move(shape)), eps_(eps), affine_(affine), dtype_(dtype) {}

  NamedTensors initial_parameters() const override {
    if (!affine_) return {};
    return {{"weight", at::ones(shape_, dtype_)}};
  }

  at::Tensor forward(const at::Tensor& input, const Tensors& parameters,
                     Tensors& saved) const override {
    const std::vector<std::int64_t> dims = last_dimensions(shape_.size());
    const at::Tensor x = widened(input), inverse = ((x * x).mean(dims, true) + eps_).rsqrt();
    const at::Tensor normalized = x * inverse;
    saved = {normalized, inverse};
    return (affine_ ? normalized * parameters[0] : normalized).to(input.scalar_type());
  }

  LayerGradients backward(const at::Tensor& grad_output, const Tensors& parameters,
                          const Tensors& saved) const override {
    const std::vector<std::int64_t> dims = last_dimensions(shape_.size());
    const at::Tensor &normalized = saved[0], &inverse = saved[1];
    const at::ScalarType dtype = grad_output.scalar_type();
    const at::Tensor g = widened(grad_output);
    const at::Tensor grad = affine_ ? g * parameters[0] : g;
    LayerGradients gradients;
    gradients.input =
        (inverse * (grad - normalized * (grad * normalized).mean(dims, true))).to(dtype);
    if (affine_)
      gradients.parameters.push_back(sum_leading(g * normalized, shape_.size()).to(dtype));
    return gradients;
  }

  // at::rms_norm exists from LibTorch 2.4 on; these are the operators it is made of.
  at::Tensor reference(const at::Tensor& input, const Tensors& parameters) const override {
    const std::vector<std::int64_t> dims = last_dimensions(shape_.size());
    const at::Tensor x = widened(input);
    const at::Tensor normalized = x * at::rsqrt(at::pow(x, 2).mean(dims, true) + eps_);
    return (affine_ ? normalized * parameters[0] : normalized).to(input.scalar_type());
  }

 private:
  std::vector<std::int64_t> shape_;
  double eps_;
  bool affine_;
  at::ScalarType dtype_;
};

}  // namespace

const LayerType rms_norm_layer{
    "rms_norm",
    {normalized_shape_option(), number_option("eps", 1e-6).at_least(0),
     boolean_option("elementwise_affine", true)},
    [](const Options& options, const at::Tensor& input) -> std::unique_ptr<Layer> {
      return std::make_unique<RmsNorm>(normalized_shape(options, input), options.number("eps"),
                                       options.boolean("elementwise_affine"), input.scalar_type());
    }};

}  // namespace gradient_check
