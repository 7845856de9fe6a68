#include <ATen/ops/batch_norm.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/zeros.h>

#include <string>

#include "gradient_check/subject/layers/layers.h"
#include "gradient_check/subject/layers/normalization.h"
#include "gradient_check/subject/layers/widened.h"

namespace gradient_check {
namespace {

// Training mode, μ and v (biased) over all but the channels:
//   x̂ = (x - μ_c) / √(v_c + ε)      y = γ x̂ + β
// with ĝ = γ g:
//   ∂L/∂x = (ĝ - mean ĝ - x̂ mean(ĝ x̂)) / √(v + ε)      ∂L/∂γ = Σ g x̂      ∂L/∂β = Σ g
//
// x, y: (N, C, *)      γ, β: (C)      (Ioffe and Szegedy 2015; torch.nn.BatchNorm1d, 2d, 3d)
class BatchNorm : public Layer {
 public:
  BatchNorm(std::int64_t channels, double eps, bool affine, at::ScalarType dtype)
      : channels_(channels), eps_(eps), affine_(affine), dtype_(dtype) {}

  NamedTensors initial_parameters() const override {
    if (!affine_) return {};
    return {{"weight", at::ones({channels_}, dtype_)}, {"bias", at::zeros({channels_}, dtype_)}};
  }

  at::Tensor forward(const at::Tensor& input, const Tensors& parameters,
                     Tensors& saved) const override {
    const std::vector<std::int64_t> dims = reduced(input);
    const at::Tensor x = widened(input), centred = x - x.mean(dims, true);
    const at::Tensor inverse = ((centred * centred).mean(dims, true) + eps_).rsqrt();
    const at::Tensor normalized = centred * inverse;
    saved = {normalized, inverse};
    const at::ScalarType dtype = input.scalar_type();
    if (!affine_) return normalized.to(dtype);
    return (normalized * spread(parameters[0], input) + spread(parameters[1], input)).to(dtype);
  }

  LayerGradients backward(const at::Tensor& grad_output, const Tensors& parameters,
                          const Tensors& saved) const override {
    const std::vector<std::int64_t> dims = reduced(grad_output);
    const at::Tensor &normalized = saved[0], &inverse = saved[1];
    const at::ScalarType dtype = grad_output.scalar_type();
    const at::Tensor g = widened(grad_output);
    const at::Tensor grad = affine_ ? g * spread(parameters[0], g) : g;
    LayerGradients gradients;
    gradients.input =
        ((grad - grad.mean(dims, true) - normalized * (grad * normalized).mean(dims, true)) *
         inverse)
            .to(dtype);
    if (affine_)
      gradients.parameters = {(g * normalized).sum(dims).to(dtype), g.sum(dims).to(dtype)};
    return gradients;
  }

  at::Tensor reference(const at::Tensor& input, const Tensors& parameters) const override {
    const at::Tensor none;
    return at::batch_norm(input, affine_ ? parameters[0] : none, affine_ ? parameters[1] : none,
                          none, none, true, 0.1, eps_, false);
  }

 private:
  /// All dimensions but the channels.
  static std::vector<std::int64_t> reduced(const at::Tensor& tensor) {
    std::vector<std::int64_t> dims{0};
    for (std::int64_t d = 2; d < tensor.dim(); ++d) dims.push_back(d);
    return dims;
  }
  /// (C) as (1, C, 1, …).
  static at::Tensor spread(const at::Tensor& parameter, const at::Tensor& like) {
    std::vector<std::int64_t> sizes(static_cast<std::size_t>(like.dim()), 1);
    sizes[1] = parameter.size(0);
    return parameter.reshape(sizes);
  }

  std::int64_t channels_;
  double eps_;
  bool affine_;
  at::ScalarType dtype_;
};

}  // namespace

const LayerType batch_norm_layer{
    "batch_norm",
    {number_option("eps", 1e-5).at_least(0), boolean_option("affine", true)},
    [](const Options& options, const at::Tensor& input) -> std::unique_ptr<Layer> {
      if (input.dim() < 2)
        throw LayerError("expected an input of at least 2 dimensions, (N, C, *), found " +
                         std::to_string(input.dim()));
      if (input.numel() == input.size(1))
        throw LayerError("expected more than one value per channel: the variance of one is 0");
      return std::make_unique<BatchNorm>(input.size(1), options.number("eps"),
                                         options.boolean("affine"), input.scalar_type());
    }};

}  // namespace gradient_check
