#include <ATen/ops/linear.h>

#include "gradient_check/subject/initialization.h"
#include "gradient_check/subject/layers/layers.h"

namespace gradient_check {
namespace {

// y = x Wᵀ + b                      x: (*, in)   W: (out, in)   b: (out)   y: (*, out)
// ∂L/∂x = g W    ∂L/∂W = gᵀ x    ∂L/∂b = Σ_rows g           (torch.nn.Linear)
class Linear : public Layer {
 public:
  Linear(std::int64_t in_features, std::int64_t out_features, bool bias, at::ScalarType dtype)
      : in_features_(in_features), out_features_(out_features), bias_(bias), dtype_(dtype) {}

  NamedTensors initial_parameters() const override {
    NamedTensors parameters;
    parameters.set("weight", draw_fan_in({out_features_, in_features_}, in_features_, dtype_));
    if (bias_) parameters.set("bias", draw_fan_in({out_features_}, in_features_, dtype_));
    return parameters;
  }

  at::Tensor forward(const at::Tensor& input, const Tensors& parameters,
                     Tensors& saved) const override {
    saved = {input};
    const at::Tensor output = input.matmul(parameters[0].t());
    return bias_ ? output + parameters[1] : output;
  }

  LayerGradients backward(const at::Tensor& grad_output, const Tensors& parameters,
                          const Tensors& saved) const override {
    const at::Tensor rows = grad_output.reshape({-1, out_features_});    // (R, out)
    const at::Tensor input_rows = saved[0].reshape({-1, in_features_});  // (R, in)
    LayerGradients gradients{grad_output.matmul(parameters[0]), {rows.t().mm(input_rows)}};
    if (bias_) gradients.parameters.push_back(rows.sum(0));
    return gradients;
  }

  at::Tensor reference(const at::Tensor& input, const Tensors& parameters) const override {
    return at::linear(input, parameters[0], bias_ ? parameters[1] : at::Tensor());
  }

 private:
  std::int64_t in_features_, out_features_;
  bool bias_;
  at::ScalarType dtype_;
};

}  // namespace

const LayerType linear_layer{
    "linear",
    {integer_option("out_features").at_least(1), boolean_option("bias", true)},
    [](const Options& options, const at::Tensor& input) -> std::unique_ptr<Layer> {
      if (input.dim() < 1) throw LayerError("the input is a scalar; expected (*, in_features)");
      return std::make_unique<Linear>(input.size(-1), options.integer("out_features"),
                                      options.boolean("bias"), input.scalar_type());
    }};

}  // namespace gradient_check
