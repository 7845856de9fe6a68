#include <ATen/ops/rnn_relu.h>
#include <ATen/ops/rnn_tanh.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>

#include "gradient_check/subject/layers/recurrent.h"

namespace gradient_check {
namespace {

// h′ = φ(a + b), a = W_ih x + b_ih, b = W_hh h + b_hh, φ tanh or relu
// ∂L/∂a = ∂L/∂b = g φ′,  φ′ = 1 - h′² or [h′ > 0]                    all: (N, H)   (torch.nn.RNN)
class RnnCell : public Cell {
 public:
  explicit RnnCell(bool relu) : relu_(relu) {}
  std::int64_t gates() const override { return 1; }

  at::Tensor forward(const at::Tensor& from_input, const at::Tensor& from_hidden, const at::Tensor&,
                     at::Tensor&, Tensors& saved) const override {
    const at::Tensor sum = from_input + from_hidden;
    const at::Tensor hidden = relu_ ? sum.clamp_min(0) : sum.tanh();
    saved = {hidden};
    return hidden;
  }

  CellGradients backward(const at::Tensor& grad_hidden, const at::Tensor&,
                         const Tensors& saved) const override {
    const at::Tensor grad =
        relu_ ? grad_hidden * (saved[0] > 0) : grad_hidden * (1 - saved[0] * saved[0]);
    return {grad, grad, {}, {}};
  }

  at::Tensor reference(const at::Tensor& input, const Tensors& parameters, bool bias,
                       std::int64_t layers, bool bidirectional, bool batch_first,
                       std::int64_t hidden_size) const override {
    const at::Tensor state =
        at::zeros({layers * (bidirectional ? 2 : 1), input.size(batch_first ? 0 : 1), hidden_size},
                  input.options());
    const auto run = relu_ ? at::rnn_relu(input, state, parameters, bias, layers, 0.0, true,
                                          bidirectional, batch_first)
                           : at::rnn_tanh(input, state, parameters, bias, layers, 0.0, true,
                                          bidirectional, batch_first);
    return std::get<0>(run);
  }

 private:
  bool relu_;
};

}  // namespace

const LayerType rnn_layer{
    "rnn",
    [] {
      std::vector<OptionSpec> options = recurrent_options();
      options.push_back(choice_option("nonlinearity", {"tanh", "relu"}, "tanh"));
      return options;
    }(),
    [](const Options& options, const at::Tensor& input) -> std::unique_ptr<Layer> {
      return make_recurrent(std::make_unique<RnnCell>(options.choice("nonlinearity") == "relu"),
                            options, input);
    }};

}  // namespace gradient_check
