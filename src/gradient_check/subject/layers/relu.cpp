#include <ATen/ops/clamp_min.h>
#include <ATen/ops/masked_fill.h>
#include <ATen/ops/relu.h>

#include "gradient_check/subject/layers/layers.h"

namespace gradient_check {
namespace {

// y = max(x, 0)      ∂y/∂x = 1 where x > 0, else 0                  x: (*)   (torch.nn.ReLU)
class Relu : public Layer {
 public:
  at::Tensor forward(const at::Tensor& input, const Tensors&, Tensors& saved) const override {
    saved = {input};
    return input.clamp_min(0);
  }

  LayerGradients backward(const at::Tensor& grad_output, const Tensors&,
                          const Tensors& saved) const override {
    return {grad_output.masked_fill(saved[0] <= 0, 0), {}};
  }

  at::Tensor reference(const at::Tensor& input, const Tensors&) const override {
    return at::relu(input);
  }
};

}  // namespace

const LayerType relu_layer{
    "relu", {}, [](const Options&, const at::Tensor&) -> std::unique_ptr<Layer> {
      return std::make_unique<Relu>();
    }};

}  // namespace gradient_check
