#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include "gradient_check/subject/layers/layers.h"

namespace gradient_check {
namespace {

// y = x m / (1 - p), m a Bernoulli(1 - p) mask drawn once when the layer is made, so that the
// function is the same at every evaluation.
// ∂L/∂x = g m / (1 - p)                                             x: (*)   (torch.nn.Dropout)
class Dropout : public Layer {
 public:
  explicit Dropout(at::Tensor scaled_mask) : scaled_mask_(std::move(scaled_mask)) {}

  at::Tensor forward(const at::Tensor& input, const Tensors&, Tensors& saved) const override {
    saved = {};
    return input * scaled_mask_.to(input);
  }

  LayerGradients backward(const at::Tensor& grad_output, const Tensors&,
                          const Tensors&) const override {
    return {grad_output * scaled_mask_.to(grad_output), {}};
  }

  at::Tensor reference(const at::Tensor& input, const Tensors&) const override {
    return input * scaled_mask_.to(input);
  }

 private:
  at::Tensor scaled_mask_;  ///< m / (1 - p), float64
};

}  // namespace

const LayerType dropout_layer{
    "dropout",
    {number_option("p", 0.5).at_least(0).at_most(1)},
    [](const Options& options, const at::Tensor& input) -> std::unique_ptr<Layer> {
      const double p = options.number("p");
      at::Tensor mask = at::zeros(input.sizes(), at::kDouble);
      if (p < 1) mask = at::empty(input.sizes(), at::kDouble).bernoulli_(1 - p) / (1 - p);
      return std::make_unique<Dropout>(mask);
    }};

}  // namespace gradient_check
