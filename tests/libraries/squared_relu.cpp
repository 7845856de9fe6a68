// Layers and a loss as their author brings them to gradient-check: forward and backward by hand,
// and the same function made of LibTorch's operators to hold them against. The twin forgets the 2
// that the square leaves behind.
#include <ATen/ops/cosh.h>
#include <ATen/ops/full.h>
#include <ATen/ops/log.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/tanh.h>

#include "gradient_check/layer_library.h"

namespace {

using namespace gradient_check;

// y = a max(x, 0)²      ∂L/∂x = 2 a g max(x, 0)    ∂L/∂a = Σ g max(x, 0)²       x: (*)   a: ()
template <bool right>
class SquaredRelu : public Layer {
 public:
  SquaredRelu(double scale, at::ScalarType dtype) : scale_(scale), dtype_(dtype) {}

  NamedTensors initial_parameters() const override {
    return {{"scale", at::full({}, scale_, dtype_)}};
  }
  at::Tensor forward(const at::Tensor& input, const Tensors& parameters,
                     Tensors& saved) const override {
    saved = {input.clamp_min(0)};
    return parameters[0] * saved[0] * saved[0];
  }
  LayerGradients backward(const at::Tensor& grad_output, const Tensors& parameters,
                          const Tensors& saved) const override {
    const at::Tensor& positive = saved[0];
    return {(right ? 2 : 1) * parameters[0] * grad_output * positive,
            {(grad_output * positive * positive).sum()}};
  }
  at::Tensor reference(const at::Tensor& input, const Tensors& parameters) const override {
    return parameters[0] * at::relu(input).square();
  }

 private:
  double scale_;
  at::ScalarType dtype_;
};

template <bool right>
std::unique_ptr<Layer> make_squared_relu(const Options& options, const at::Tensor& input) {
  if (input.dim() == 0) throw LayerError("the input is a scalar; expected a batch");
  return std::make_unique<SquaredRelu<right>>(options.number("scale"), input.scalar_type());
}

// L = mean log cosh(x - t)      ∂L/∂x = g tanh(x - t) / n                        x, t: (*)
class LogCosh : public Loss {
 public:
  at::Tensor forward(const at::Tensor& input, const at::Tensor& target,
                     Tensors& saved) const override {
    saved = {input - target};
    return saved[0].cosh().log().mean();
  }
  at::Tensor backward(const at::Tensor& grad_output, const Tensors& saved) const override {
    return grad_output * saved[0].tanh() / saved[0].numel();
  }
  at::Tensor reference(const at::Tensor& input, const at::Tensor& target) const override {
    return at::log(at::cosh(input - target)).mean();
  }
};

std::unique_ptr<Loss> make_log_cosh(const Options&, const at::Tensor&, const at::Tensor&) {
  return std::make_unique<LogCosh>();
}

}  // namespace

GRADIENT_CHECK_LIBRARY(library) {
  const auto scale = [] { return number_option("scale", 1).at_least(0); };
  library.add(LayerType{"my::squared_relu", {scale()}, make_squared_relu<true>});
  library.add(LayerType{"my::squared_relu_wrong", {scale()}, make_squared_relu<false>});
  library.add(LossType{"my::log_cosh", {}, make_log_cosh});
}
