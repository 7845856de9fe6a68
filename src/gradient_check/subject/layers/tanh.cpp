#include <ATen/ops/tanh.h>

#include "gradient_check/subject/layers/layers.h"

namespace gradient_check {
namespace {

// y = tanh x      ∂y/∂x = 1 - y²                                    x: (*)   (torch.nn.Tanh)
class Tanh : public Layer {
 public:
  at::Tensor forward(const at::Tensor& input, const Tensors&, Tensors& saved) const override {
    const at::Tensor output = input.tanh();
    saved = {output};
    return output;
  }

  LayerGradients backward(const at::Tensor& grad_output, const Tensors&,
                          const Tensors& saved) const override {
    return {grad_output * (1 - saved[0] * saved[0]), {}};
  }

  at::Tensor reference(const at::Tensor& input, const Tensors&) const override {
    return at::tanh(input);
  }
};

}  // namespace

const LayerType tanh_layer{
    "tanh", {}, [](const Options&, const at::Tensor&) -> std::unique_ptr<Layer> {
      return std::make_unique<Tanh>();
    }};

}  // namespace gradient_check
