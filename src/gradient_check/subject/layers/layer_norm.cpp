#include <ATen/ops/layer_norm.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/zeros.h>

#include "gradient_check/subject/layers/layers.h"
#include "gradient_check/subject/layers/normalization.h"
#include "gradient_check/subject/layers/widened.h"

namespace gradient_check {
namespace {

// x̂ = (x - μ) / √(v + ε), μ and v (biased) over the last D dimensions      y = γ x̂ + β
// with ĝ = γ g, n the elements of those dimensions:
//   ∂L/∂x = (ĝ - mean ĝ - x̂ mean(ĝ x̂)) / √(v + ε)      ∂L/∂γ = Σ g x̂      ∂L/∂β = Σ g
// x, y: (*, normalized_shape)      γ, β: normalized_shape      (Ba et al. 2016; torch.nn.LayerNorm)
class LayerNorm : public Layer {
 public:
  LayerNorm(std::vector<std::int64_t> shape, double eps, bool affine, bool bias,
            at::ScalarType dtype)
      : shape_(std::move(shape)),
        eps_(eps),
        affine_(affine),
        bias_(affine && bias),
        dtype_(dtype) {}

  NamedTensors initial_parameters() const override {
    NamedTensors parameters;
    if (affine_) parameters.set("weight", at::ones(shape_, dtype_));
    if (bias_) parameters.set("bias", at::zeros(shape_, dtype_));
    return parameters;
  }

  at::Tensor forward(const at::Tensor& input, const Tensors& parameters,
                     Tensors& saved) const override {
    const std::vector<std::int64_t> dims = last_dimensions(shape_.size());
    const at::Tensor x = widened(input), centred = x - x.mean(dims, true);
    const at::Tensor inverse = ((centred * centred).mean(dims, true) + eps_).rsqrt();
    const at::Tensor normalized = centred * inverse;
    saved = {normalized, inverse};
    at::Tensor output = affine_ ? normalized * parameters[0] : normalized;
    if (bias_) output = output + parameters[1];
    return output.to(input.scalar_type());
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
        ((grad - grad.mean(dims, true) - normalized * (grad * normalized).mean(dims, true)) *
         inverse)
            .to(dtype);
    if (affine_)
      gradients.parameters.push_back(sum_leading(g * normalized, shape_.size()).to(dtype));
    if (bias_) gradients.parameters.push_back(sum_leading(g, shape_.size()).to(dtype));
    return gradients;
  }

  at::Tensor reference(const at::Tensor& input, const Tensors& parameters) const override {
    return at::layer_norm(input, shape_, affine_ ? parameters[0] : at::Tensor(),
                          bias_ ? parameters[1] : at::Tensor(), eps_);
  }

 private:
  std::vector<std::int64_t> shape_;
  double eps_;
  bool affine_, bias_;
  at::ScalarType dtype_;
};

}  // namespace

const LayerType layer_norm_layer{
    "layer_norm",
    {normalized_shape_option(), number_option("eps", 1e-5).at_least(0),
     boolean_option("elementwise_affine", true), boolean_option("bias", true)},
    [](const Options& options, const at::Tensor& input) -> std::unique_ptr<Layer> {
      return std::make_unique<LayerNorm>(normalized_shape(options, input), options.number("eps"),
                                         options.boolean("elementwise_affine"),
                                         options.boolean("bias"), input.scalar_type());
    }};

}  // namespace gradient_check
