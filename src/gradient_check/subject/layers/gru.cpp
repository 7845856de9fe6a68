#include <ATen/ops/cat.h>
#include <ATen/ops/gru.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>

#include "gradient_check/subject/layers/recurrent.h"

namespace gradient_check {
namespace {

// r = σ(a_r + b_r)    z = σ(a_z + b_z)    n = tanh(a_n + r b_n)    h′ = (1 - z) n + z h
// a = W_ih x + b_ih, b = W_hh h + b_hh, rows in the order r, z, n; the reset gate is applied after
// the product with h, as in torch.nn.GRU (Cho et al. 2014, in cuDNN's form)
//   ∂L/∂n̂ = g (1 - z) (1 - n²)    ∂L/∂ẑ = g (h - n) z (1 - z)    ∂L/∂r̂ = ∂L/∂n̂ b_n r (1 - r)
//   ∂L/∂a = (r̂, ẑ, n̂)    ∂L/∂b = (r̂, ẑ, n̂ r)    ∂L/∂h directly: g z                 each: (N, H)
class GruCell : public Cell {
 public:
  std::int64_t gates() const override { return 3; }

  at::Tensor forward(const at::Tensor& from_input, const at::Tensor& from_hidden,
                     const at::Tensor& hidden, at::Tensor&, Tensors& saved) const override {
    const auto a = from_input.chunk(3, 1);
    const auto b = from_hidden.chunk(3, 1);
    const at::Tensor r = (a[0] + b[0]).sigmoid(), z = (a[1] + b[1]).sigmoid();
    const at::Tensor n = (a[2] + r * b[2]).tanh();
    saved = {r, z, n, b[2], hidden};
    return (1 - z) * n + z * hidden;
  }

  CellGradients backward(const at::Tensor& grad_hidden, const at::Tensor&,
                         const Tensors& saved) const override {
    const at::Tensor &r = saved[0], &z = saved[1], &n = saved[2], &b_n = saved[3],
                     &hidden = saved[4];
    const at::Tensor grad_n = grad_hidden * (1 - z) * (1 - n * n);
    const at::Tensor grad_z = grad_hidden * (hidden - n) * z * (1 - z);
    const at::Tensor grad_r = grad_n * b_n * r * (1 - r);
    return {at::cat({grad_r, grad_z, grad_n}, 1),
            at::cat({grad_r, grad_z, grad_n * r}, 1),
            grad_hidden * z,
            {}};
  }

  at::Tensor reference(const at::Tensor& input, const Tensors& parameters, bool bias,
                       std::int64_t layers, bool bidirectional, bool batch_first,
                       std::int64_t hidden_size) const override {
    const at::Tensor state =
        at::zeros({layers * (bidirectional ? 2 : 1), input.size(batch_first ? 0 : 1), hidden_size},
                  input.options());
    return std::get<0>(
        at::gru(input, state, parameters, bias, layers, 0.0, true, bidirectional, batch_first));
  }
};

}  // namespace

const LayerType gru_layer{
    "gru", recurrent_options(),
    [](const Options& options, const at::Tensor& input) -> std::unique_ptr<Layer> {
      return make_recurrent(std::make_unique<GruCell>(), options, input);
    }};

}  // namespace gradient_check
