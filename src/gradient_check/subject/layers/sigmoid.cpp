#include <ATen/ops/abs.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/where.h>

#include "gradient_check/subject/layers/layers.h"

namespace gradient_check {
namespace {

// y = 1 / (1 + e^-x)      ∂y/∂x = y (1 - y)                       x: (*)   (torch.nn.Sigmoid)
class Sigmoid : public Layer {
 public:
  at::Tensor forward(const at::Tensor& input, const Tensors&, Tensors& saved) const override {
    // e^-|x| cannot overflow.
    const at::Tensor small = (-input.abs()).exp();
    const at::Tensor output = at::where(input >= 0, 1 / (1 + small), small / (1 + small));
    saved = {output};
    return output;
  }

  LayerGradients backward(const at::Tensor& grad_output, const Tensors&,
                          const Tensors& saved) const override {
    return {grad_output * saved[0] * (1 - saved[0]), {}};
  }

  at::Tensor reference(const at::Tensor& input, const Tensors&) const override {
    return at::sigmoid(input);
  }
};

}  // namespace

const LayerType sigmoid_layer{
    "sigmoid", {}, [](const Options&, const at::Tensor&) -> std::unique_ptr<Layer> {
      return std::make_unique<Sigmoid>();
    }};

}  // namespace gradient_check
