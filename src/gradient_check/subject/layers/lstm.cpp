#include <ATen/ops/cat.h>
#include <ATen/ops/lstm.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>

#include "gradient_check/subject/layers/recurrent.h"

namespace gradient_check {
namespace {

// With a = W_ih x + b_ih and b = W_hh h + b_hh, rows in the order i, f, g, o:
//   (i, f, g, o) = (σ, σ, tanh, σ) of a + b      c′ = f c + i g      h′ = o tanh c′
// with ĉ = ∂L/∂c′ + ∂L/∂h′ o (1 - tanh² c′):
//   ∂L/∂i = ĉ g    ∂L/∂f = ĉ c    ∂L/∂g = ĉ i    ∂L/∂o = ∂L/∂h′ tanh c′    ∂L/∂c = ĉ f
//
// each gate: (N, H)      a, b: (N, 4H)          (Hochreiter and Schmidhuber 1997; torch.nn.LSTM)
class LstmCell : public Cell {
 public:
  std::int64_t gates() const override { return 4; }
  bool has_cell_state() const override { return true; }

  at::Tensor forward(const at::Tensor& from_input, const at::Tensor& from_hidden, const at::Tensor&,
                     at::Tensor& cell, Tensors& saved) const override {
    const auto parts = (from_input + from_hidden).chunk(4, 1);
    const at::Tensor i = parts[0].sigmoid(), f = parts[1].sigmoid(), g = parts[2].tanh(),
                     o = parts[3].sigmoid();
    const at::Tensor before = cell;
    cell = f * before + i * g;
    const at::Tensor squashed = cell.tanh();
    saved = {i, f, g, o, before, squashed};
    return o * squashed;
  }

  CellGradients backward(const at::Tensor& grad_hidden, const at::Tensor& grad_cell,
                         const Tensors& saved) const override {
    const at::Tensor &i = saved[0], &f = saved[1], &g = saved[2], &o = saved[3], &before = saved[4],
                     &squashed = saved[5];
    const at::Tensor cell = grad_cell + grad_hidden * o * (1 - squashed * squashed);
    const at::Tensor gates = at::cat({cell * g * i * (1 - i), cell * before * f * (1 - f),
                                      cell * i * (1 - g * g), grad_hidden * squashed * o * (1 - o)},
                                     1);
    return {gates, gates, {}, cell * f};
  }

  at::Tensor reference(const at::Tensor& input, const Tensors& parameters, bool bias,
                       std::int64_t layers, bool bidirectional, bool batch_first,
                       std::int64_t hidden_size) const override {
    const at::Tensor state =
        at::zeros({layers * (bidirectional ? 2 : 1), input.size(batch_first ? 0 : 1), hidden_size},
                  input.options());
    return std::get<0>(at::lstm(input, {state, state}, parameters, bias, layers, 0.0, true,
                                bidirectional, batch_first));
  }
};

}  // namespace

const LayerType lstm_layer{
    "lstm", recurrent_options(),
    [](const Options& options, const at::Tensor& input) -> std::unique_ptr<Layer> {
      return make_recurrent(std::make_unique<LstmCell>(), options, input);
    }};

}  // namespace gradient_check
