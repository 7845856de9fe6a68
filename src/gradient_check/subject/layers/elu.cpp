#include <ATen/ops/clamp_max.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/expm1.h>
#include <ATen/ops/where.h>

#include "gradient_check/subject/layers/layers.h"

namespace gradient_check {
namespace {

// y = α (e^x - 1) where x ≤ 0, else x      ∂y/∂x = α e^x where x ≤ 0, else 1
//                                             x: (*)   (Clevert et al. 2015; torch.nn.ELU)
class Elu : public Layer {
 public:
  explicit Elu(double alpha) : alpha_(alpha) {}

  at::Tensor forward(const at::Tensor& input, const Tensors&, Tensors& saved) const override {
    saved = {input};
    // The exponent is kept at or below 0, so that the branch not taken cannot overflow.
    return at::where(input <= 0, input.clamp_max(0).expm1() * alpha_, input);
  }

  LayerGradients backward(const at::Tensor& grad_output, const Tensors&,
                          const Tensors& saved) const override {
    const at::Tensor slope = saved[0].clamp_max(0).exp() * alpha_;
    return {at::where(saved[0] <= 0, grad_output * slope, grad_output), {}};
  }

  at::Tensor reference(const at::Tensor& input, const Tensors&) const override {
    return at::elu(input, alpha_);
  }

 private:
  double alpha_;
};

}  // namespace

const LayerType elu_layer{"elu",
                          {number_option("alpha", 1.0)},
                          [](const Options& options, const at::Tensor&) -> std::unique_ptr<Layer> {
                            return std::make_unique<Elu>(options.number("alpha"));
                          }};

}  // namespace gradient_check
