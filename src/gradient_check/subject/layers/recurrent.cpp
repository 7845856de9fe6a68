#include "gradient_check/subject/layers/recurrent.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <fmt/format.h>

#include <cmath>

#include "gradient_check/subject/initialization.h"

namespace gradient_check {
namespace {

/// Backpropagation through time (Werbos 1990) for any cell, layer by layer, each in one or two
/// directions.
class Recurrent : public Layer {
 public:
  Recurrent(std::unique_ptr<Cell> cell, const Options& options, const at::Tensor& input)
      : cell_(std::move(cell)),
        features_(input.size(2)),
        hidden_(options.integer("hidden_size")),
        layers_(options.integer("num_layers")),
        directions_(options.boolean("bidirectional") ? 2 : 1),
        bias_(options.boolean("bias")),
        batch_first_(options.boolean("batch_first")),
        dtype_(input.scalar_type()) {}

  NamedTensors initial_parameters() const override {
    const double bound = 1 / std::sqrt(static_cast<double>(hidden_));
    const std::int64_t rows = cell_->gates() * hidden_;
    NamedTensors parameters;
    for (std::int64_t layer = 0; layer < layers_; ++layer)
      for (std::int64_t direction = 0; direction < directions_; ++direction) {
        const std::string suffix = fmt::format("l{}{}", layer, direction == 1 ? "_reverse" : "");
        const std::int64_t in = layer == 0 ? features_ : directions_ * hidden_;
        const auto draw = [&](const char* name, at::IntArrayRef sizes) {
          parameters.set(name + suffix, draw_uniform(sizes, -bound, bound, dtype_));
        };
        draw("weight_ih_", {rows, in});
        draw("weight_hh_", {rows, hidden_});
        if (bias_) draw("bias_ih_", {rows});
        if (bias_) draw("bias_hh_", {rows});
      }
    return parameters;
  }

  at::Tensor forward(const at::Tensor& input, const Tensors& parameters,
                     Tensors& saved) const override {
    saved.clear();
    at::Tensor sequence = batch_first_ ? input.transpose(0, 1) : input;  // (L, N, in)
    for (std::int64_t layer = 0; layer < layers_; ++layer) {
      Tensors outputs;
      for (std::int64_t direction = 0; direction < directions_; ++direction)
        outputs.push_back(
            run(sequence, cell_parameters(parameters, layer, direction), direction == 1, saved));
      sequence = at::cat(outputs, 2);
    }
    return batch_first_ ? sequence.transpose(0, 1) : sequence;
  }

  LayerGradients backward(const at::Tensor& grad_output, const Tensors& parameters,
                          const Tensors& saved) const override {
    at::Tensor grad = batch_first_ ? grad_output.transpose(0, 1) : grad_output;
    const std::size_t per_run = saved.size() / static_cast<std::size_t>(layers_ * directions_);
    LayerGradients gradients{at::Tensor(), Tensors(parameters.size())};
    for (std::int64_t layer = layers_; layer-- > 0;) {
      at::Tensor below;
      for (std::int64_t direction = 0; direction < directions_; ++direction) {
        const auto first =
            saved.begin() + static_cast<std::ptrdiff_t>(per_run * index(layer, direction));
        const Tensors kept(first, first + static_cast<std::ptrdiff_t>(per_run));
        const at::Tensor part = grad.narrow(2, direction * hidden_, hidden_);
        const at::Tensor input =
            run_backward(part, cell_parameters(parameters, layer, direction), direction == 1, kept,
                         gradients.parameters.data() + offset(layer, direction));
        below = below.defined() ? below + input : input;
      }
      grad = below;
    }
    gradients.input = batch_first_ ? grad.transpose(0, 1) : grad;
    return gradients;
  }

  at::Tensor reference(const at::Tensor& input, const Tensors& parameters) const override {
    return cell_->reference(input, parameters, bias_, layers_, directions_ == 2, batch_first_,
                            hidden_);
  }

 private:
  std::size_t index(std::int64_t layer, std::int64_t direction) const {
    return static_cast<std::size_t>(layer * directions_ + direction);
  }
  std::size_t offset(std::int64_t layer, std::int64_t direction) const {
    return index(layer, direction) * (bias_ ? 4 : 2);
  }
  CellParameters cell_parameters(const Tensors& parameters, std::int64_t layer,
                                 std::int64_t direction) const {
    const std::size_t at = offset(layer, direction);
    CellParameters result{parameters[at], parameters[at + 1], {}, {}};
    if (bias_) result.b_ih = parameters[at + 2];
    if (bias_) result.b_hh = parameters[at + 3];
    return result;
  }

  /// One direction of one layer. Saves the sequence, then per step (in the order run) h before it
  /// and what the cell keeps.
  at::Tensor run(const at::Tensor& sequence, const CellParameters& p, bool reverse,
                 Tensors& saved) const {
    const std::int64_t length = sequence.size(0);
    at::Tensor hidden = at::zeros({sequence.size(1), hidden_}, sequence.options());
    at::Tensor cell = cell_->has_cell_state() ? at::zeros_like(hidden) : at::Tensor();
    Tensors outputs(static_cast<std::size_t>(length));
    saved.push_back(sequence);
    for (std::int64_t k = 0; k < length; ++k) {
      const std::int64_t t = reverse ? length - 1 - k : k;
      at::Tensor from_input = sequence[t].matmul(p.w_ih.t());
      at::Tensor from_hidden = hidden.matmul(p.w_hh.t());
      if (bias_) from_input = from_input + p.b_ih;
      if (bias_) from_hidden = from_hidden + p.b_hh;
      saved.push_back(hidden);
      Tensors kept;
      hidden = cell_->forward(from_input, from_hidden, hidden, cell, kept);
      saved.insert(saved.end(), kept.begin(), kept.end());
      outputs[static_cast<std::size_t>(t)] = hidden;
    }
    return at::stack(outputs);
  }

  /// Fills `parameters` (W_ih, W_hh, b_ih, b_hh); returns ∂L/∂sequence.
  at::Tensor run_backward(const at::Tensor& grad_output, const CellParameters& p, bool reverse,
                          const Tensors& saved, at::Tensor* parameters) const {
    const at::Tensor& sequence = saved[0];
    const std::int64_t length = sequence.size(0);
    const std::size_t per_step = (saved.size() - 1) / static_cast<std::size_t>(length);
    at::Tensor grad_hidden = at::zeros({sequence.size(1), hidden_}, sequence.options());
    at::Tensor grad_cell = at::zeros_like(grad_hidden);
    at::Tensor w_ih = at::zeros_like(p.w_ih), w_hh = at::zeros_like(p.w_hh);
    at::Tensor b_ih = at::zeros({p.w_ih.size(0)}, sequence.options()), b_hh = at::zeros_like(b_ih);
    Tensors inputs(static_cast<std::size_t>(length));
    for (std::int64_t k = length; k-- > 0;) {
      const std::int64_t t = reverse ? length - 1 - k : k;
      const auto first = saved.begin() + 1 + static_cast<std::ptrdiff_t>(per_step) * k;
      const at::Tensor& before = *first;
      const Tensors kept(first + 1, first + static_cast<std::ptrdiff_t>(per_step));
      const CellGradients step = cell_->backward(grad_output[t] + grad_hidden, grad_cell, kept);
      w_ih = w_ih + step.input_gates.t().matmul(sequence[t]);
      w_hh = w_hh + step.hidden_gates.t().matmul(before);
      b_ih = b_ih + step.input_gates.sum(0);
      b_hh = b_hh + step.hidden_gates.sum(0);
      inputs[static_cast<std::size_t>(t)] = step.input_gates.matmul(p.w_ih);
      grad_hidden = step.hidden_gates.matmul(p.w_hh);
      if (step.hidden.defined()) grad_hidden = grad_hidden + step.hidden;
      if (step.cell.defined()) grad_cell = step.cell;
    }
    parameters[0] = w_ih;
    parameters[1] = w_hh;
    if (bias_) parameters[2] = b_ih;
    if (bias_) parameters[3] = b_hh;
    return at::stack(inputs);
  }

  std::unique_ptr<Cell> cell_;
  std::int64_t features_, hidden_, layers_, directions_;
  bool bias_, batch_first_;
  at::ScalarType dtype_;
};

}  // namespace

std::vector<OptionSpec> recurrent_options() {
  return {integer_option("hidden_size").at_least(1), integer_option("num_layers", 1).at_least(1),
          boolean_option("bias", true), boolean_option("batch_first", false),
          boolean_option("bidirectional", false)};
}

std::unique_ptr<Layer> make_recurrent(std::unique_ptr<Cell> cell, const Options& options,
                                      const at::Tensor& input) {
  if (input.dim() != 3)
    throw LayerError(
        fmt::format("expected an input of 3 dimensions, (L, N, features), or "
                    "(N, L, features) with batch_first, found {}",
                    input.dim()));
  if (input.size(options.boolean("batch_first") ? 1 : 0) == 0)
    throw LayerError("expected a sequence of at least one step");
  return std::make_unique<Recurrent>(std::move(cell), options, input);
}

}  // namespace gradient_check
