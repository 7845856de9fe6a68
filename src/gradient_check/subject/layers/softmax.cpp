#include <ATen/ops/amax.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/softmax.h>
#include <fmt/format.h>

#include <algorithm>

#include "gradient_check/subject/layers/layers.h"
#include "gradient_check/subject/layers/widened.h"

namespace gradient_check {
namespace {

// yᵢ = e^xᵢ / Σⱼ e^xⱼ along dim      ∂L/∂x = y (g - Σ g y)              x: (*)   (torch.nn.Softmax)
class Softmax : public Layer {
 public:
  explicit Softmax(std::int64_t dim) : dim_(dim) {}

  at::Tensor forward(const at::Tensor& input, const Tensors&, Tensors& saved) const override {
    if (input.numel() == 0) return (saved = {input})[0];  // amax refuses an empty dim
    const at::Tensor x = widened(input), shifted = (x - x.amax(dim_, true)).exp();
    const at::Tensor output = shifted / shifted.sum(dim_, true);
    saved = {output};
    return output.to(input.scalar_type());
  }

  LayerGradients backward(const at::Tensor& grad_output, const Tensors&,
                          const Tensors& saved) const override {
    const at::Tensor &output = saved[0], g = widened(grad_output);
    return {(output * (g - (g * output).sum(dim_, true))).to(grad_output.scalar_type()), {}};
  }

  at::Tensor reference(const at::Tensor& input, const Tensors&) const override {
    return at::softmax(input, dim_);
  }

 private:
  std::int64_t dim_;
};

}  // namespace

const LayerType softmax_layer{
    "softmax",
    {integer_option("dim", -1)},
    [](const Options& options, const at::Tensor& input) -> std::unique_ptr<Layer> {
      const std::int64_t dim = options.integer("dim");
      const std::int64_t rank = std::max<std::int64_t>(input.dim(), 1);
      if (dim < -rank || dim >= rank)
        throw LayerError(fmt::format("found dim {}; an input of {} dimensions takes {} to {}", dim,
                                     input.dim(), -rank, rank - 1));
      return std::make_unique<Softmax>(dim);
    }};

}  // namespace gradient_check
