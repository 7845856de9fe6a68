#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu.h>

#include "gradient_check/subject/layers/layers.h"

namespace gradient_check {
namespace {

// y = x σ(x)      ∂y/∂x = σ (1 + x (1 - σ))                          x: (*)   (torch.nn.SiLU)
class Silu : public Layer {
 public:
  at::Tensor forward(const at::Tensor& input, const Tensors&, Tensors& saved) const override {
    const at::Tensor sigma = input.sigmoid();
    saved = {input, sigma};
    return input * sigma;
  }

  LayerGradients backward(const at::Tensor& grad_output, const Tensors&,
                          const Tensors& saved) const override {
    const at::Tensor &x = saved[0], &sigma = saved[1];
    return {grad_output * sigma * (1 + x * (1 - sigma)), {}};
  }

  at::Tensor reference(const at::Tensor& input, const Tensors&) const override {
    return at::silu(input);
  }
};

}  // namespace

const LayerType silu_layer{
    "silu", {}, [](const Options&, const at::Tensor&) -> std::unique_ptr<Layer> {
      return std::make_unique<Silu>();
    }};

}  // namespace gradient_check
