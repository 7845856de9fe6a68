#pragma once

#include <memory>

#include "gradient_check/subject/layers/layers.h"

namespace gradient_check {

/// The parameters of one cell: W_ih (G·H, in), W_hh (G·H, H), and where there are biases b_ih, b_hh
/// (G·H), for G gates and H hidden features.
struct CellParameters {
  at::Tensor w_ih, w_hh, b_ih, b_hh;
};

/// What a cell's backward returns for one step.
struct CellGradients {
  at::Tensor input_gates;   ///< ∂L/∂(W_ih x + b_ih): (N, G·H)
  at::Tensor hidden_gates;  ///< ∂L/∂(W_hh h + b_hh): (N, G·H)
  at::Tensor hidden;        ///< what flows to h other than through hidden_gates; undefined: nothing
  at::Tensor cell;          ///< ∂L/∂c of the step before; undefined for cells without c
};

/// One step of a recurrent network, as a function of its two products.
class Cell {
 public:
  virtual ~Cell() = default;
  virtual std::int64_t gates() const = 0;
  virtual bool has_cell_state() const { return false; }
  /// h of this step, from W_ih x + b_ih, W_hh h + b_hh, and the h and c before; updates c.
  virtual at::Tensor forward(const at::Tensor& from_input, const at::Tensor& from_hidden,
                             const at::Tensor& hidden, at::Tensor& cell, Tensors& saved) const = 0;
  /// From ∂L/∂h and ∂L/∂c of this step.
  virtual CellGradients backward(const at::Tensor& grad_hidden, const at::Tensor& grad_cell,
                                 const Tensors& saved) const = 0;
  /// LibTorch's own network of this kind: (output, …) of the whole sequence.
  virtual at::Tensor reference(const at::Tensor& input, const Tensors& parameters, bool bias,
                               std::int64_t layers, bool bidirectional, bool batch_first,
                               std::int64_t hidden_size) const = 0;
};

/// hidden_size, num_layers, bias, batch_first, bidirectional.
std::vector<OptionSpec> recurrent_options();
/// A stack of layers of that cell over a sequence (L, N, in), or (N, L, in) with batch_first, from
/// a zero state; the output is every step's h: (L, N, D·H). Throws LayerError.
std::unique_ptr<Layer> make_recurrent(std::unique_ptr<Cell> cell, const Options& options,
                                      const at::Tensor& input);

}  // namespace gradient_check
