#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/where.h>

#include "gradient_check/subject/layers/layers.h"

namespace gradient_check {
namespace {

// y = x where x > 0, else s x      ∂y/∂x = 1 where x > 0, else s     x: (*)   (torch.nn.LeakyReLU)
class LeakyRelu : public Layer {
 public:
  explicit LeakyRelu(double slope) : slope_(slope) {}

  at::Tensor forward(const at::Tensor& input, const Tensors&, Tensors& saved) const override {
    saved = {input};
    return at::where(input > 0, input, input * slope_);
  }

  LayerGradients backward(const at::Tensor& grad_output, const Tensors&,
                          const Tensors& saved) const override {
    return {at::where(saved[0] > 0, grad_output, grad_output * slope_), {}};
  }

  at::Tensor reference(const at::Tensor& input, const Tensors&) const override {
    return at::leaky_relu(input, slope_);
  }

 private:
  double slope_;
};

}  // namespace

const LayerType leaky_relu_layer{
    "leaky_relu",
    {number_option("negative_slope", 0.01)},
    [](const Options& options, const at::Tensor&) -> std::unique_ptr<Layer> {
      return std::make_unique<LeakyRelu>(options.number("negative_slope"));
    }};

}  // namespace gradient_check
