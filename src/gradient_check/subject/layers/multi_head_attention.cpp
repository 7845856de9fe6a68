#include <ATen/ops/amax.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tril.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "gradient_check/subject/initialization.h"
#include "gradient_check/subject/layers/layers.h"
#include "gradient_check/subject/layers/widened.h"

namespace gradient_check {
namespace {

// Self-attention with h heads of width d = E / h:
//   [q k v] = x W_inᵀ + b_in           s = q kᵀ / √d, -∞ where masked           p = softmax s
//   y = (p v) W_outᵀ + b_out
//   with g′ = ∂L/∂(p v) and ĝ = g′ vᵀ:
//   ∂L/∂v = pᵀ g′      ∂L/∂s = p (ĝ - Σ ĝ p)      ∂L/∂q = ∂L/∂s k / √d      ∂L/∂k = ∂L/∂sᵀ q / √d
//
// x, y: (L, N, E), or (N, L, E) with batch_first    q, k, v: (N, h, L, d)    s, p: (N, h, L, L)
// W_in: (3E, E)    W_out: (E, E)         (Vaswani et al. 2017; torch.nn.MultiheadAttention)
class MultiHeadAttention : public Layer {
 public:
  MultiHeadAttention(std::int64_t width, std::int64_t heads, bool bias, bool batch_first,
                     at::Tensor allowed, at::ScalarType dtype)
      : width_(width),
        heads_(heads),
        bias_(bias),
        batch_first_(batch_first),
        allowed_(std::move(allowed)),
        scale_(std::sqrt(static_cast<double>(heads) / static_cast<double>(width))),
        dtype_(dtype) {}

  // torch.nn.MultiheadAttention makes out_proj, a Linear, before it draws in_proj_weight.
  NamedTensors initial_parameters() const override {
    const at::Tensor out = draw_fan_in({width_, width_}, width_, dtype_);
    if (bias_) draw_fan_in({width_}, width_, dtype_);
    const double bound = std::sqrt(6.0 / static_cast<double>(4 * width_));
    NamedTensors parameters{
        {"in_proj_weight", draw_uniform({3 * width_, width_}, -bound, bound, dtype_)}};
    if (bias_) parameters.set("in_proj_bias", at::zeros({3 * width_}, dtype_));
    parameters.set("out_proj.weight", out);
    if (bias_) parameters.set("out_proj.bias", at::zeros({width_}, dtype_));
    return parameters;
  }

  at::Tensor forward(const at::Tensor& input, const Tensors& parameters,
                     Tensors& saved) const override {
    const at::Tensor x = batch_major(input);  // (N, L, E)
    at::Tensor projected = x.matmul(parameters[0].t());
    if (bias_) projected = projected + parameters[1];
    const auto qkv = projected.chunk(3, 2);
    const at::Tensor q = split(qkv[0]), k = split(qkv[1]), v = split(qkv[2]);
    const at::Tensor scores = widened(masked((q * scale_).matmul(k.transpose(2, 3))));
    const at::Tensor weights = (scores - scores.amax(-1, true)).exp();
    const at::Tensor p = (weights / weights.sum(-1, true)).to(x.scalar_type());
    const at::Tensor joined = join(p.matmul(v));
    saved = {x, q, k, v, p, joined};
    at::Tensor output = joined.matmul(parameters[out_weight()].t());
    if (bias_) output = output + parameters[3];
    return batch_major(output);
  }

  LayerGradients backward(const at::Tensor& grad_output, const Tensors& parameters,
                          const Tensors& saved) const override {
    const at::Tensor &x = saved[0], &q = saved[1], &k = saved[2], &v = saved[3], &p = saved[4],
                     &joined = saved[5];
    const at::Tensor grad = batch_major(grad_output);
    const at::Tensor rows = grad.reshape({-1, width_});
    const at::Tensor grad_mixed = split(grad.matmul(parameters[out_weight()]));
    const at::Tensor grad_p = grad_mixed.matmul(v.transpose(2, 3));
    const at::Tensor wide = widened(grad_p), p_wide = widened(p);
    const at::Tensor grad_scores =
        (p_wide * (wide - (wide * p_wide).sum(-1, true)) * scale_).to(p.scalar_type());
    const at::Tensor projected =
        at::cat({join(grad_scores.matmul(k)), join(grad_scores.transpose(2, 3).matmul(q)),
                 join(p.transpose(2, 3).matmul(grad_mixed))},
                2);  // (N, L, 3E)
    const at::Tensor projected_rows = projected.reshape({-1, 3 * width_});
    LayerGradients gradients{batch_major(projected.matmul(parameters[0])),
                             {projected_rows.t().matmul(x.reshape({-1, width_}))}};
    if (bias_) gradients.parameters.push_back(projected_rows.sum(0));
    gradients.parameters.push_back(rows.t().matmul(joined.reshape({-1, width_})));
    if (bias_) gradients.parameters.push_back(rows.sum(0));
    return gradients;
  }

  at::Tensor reference(const at::Tensor& input, const Tensors& parameters) const override {
    const at::Tensor none;
    const auto qkv =
        at::linear(batch_major(input), parameters[0], bias_ ? parameters[1] : none).chunk(3, 2);
    const at::Tensor scores = (split(qkv[0]) * scale_).matmul(split(qkv[1]).transpose(2, 3));
    const at::Tensor mixed = at::softmax(masked(scores), -1).matmul(split(qkv[2]));
    return batch_major(
        at::linear(join(mixed), parameters[out_weight()], bias_ ? parameters[3] : none));
  }

 private:
  std::size_t out_weight() const { return bias_ ? 2 : 1; }
  /// (L, N, E) to (N, L, E) and back.
  at::Tensor batch_major(const at::Tensor& x) const { return batch_first_ ? x : x.transpose(0, 1); }
  /// (N, L, E) to (N, h, L, d).
  at::Tensor split(const at::Tensor& x) const {
    return x.reshape({x.size(0), x.size(1), heads_, width_ / heads_}).transpose(1, 2);
  }
  at::Tensor join(const at::Tensor& x) const {
    return x.transpose(1, 2).reshape({x.size(0), x.size(2), width_});
  }
  at::Tensor masked(const at::Tensor& scores) const {
    if (!allowed_.defined()) return scores;
    return scores.masked_fill(allowed_.to(scores.device()).logical_not(),
                              -std::numeric_limits<double>::infinity());
  }

  std::int64_t width_, heads_;
  bool bias_, batch_first_;
  at::Tensor allowed_;  ///< bool, broadcasts to (N, 1, L, L); undefined: everything
  double scale_;
  at::ScalarType dtype_;
};

/// What each query may look at, from the causal and the padding mask. Throws LayerError.
at::Tensor allowed_keys(const Options& options, std::int64_t batch, std::int64_t length) {
  const at::Tensor& padding = options.tensor("key_padding_mask");
  at::Tensor allowed;
  if (options.boolean("causal")) allowed = at::ones({1, 1, length, length}, at::kBool).tril();
  if (!padding.defined()) return allowed;
  if (padding.sizes() != at::IntArrayRef({batch, length}))
    throw LayerError(
        fmt::format("key_padding_mask must have shape [{}, {}], (N, L)", batch, length));
  const at::Tensor kept = (padding == 0).reshape({batch, 1, 1, length});
  allowed = allowed.defined() ? allowed.logical_and(kept) : kept.expand({batch, 1, length, length});
  const at::Tensor any = allowed.any(-1).reshape({-1});
  for (std::int64_t row = 0; row < any.numel(); ++row)
    if (!any[row].item<bool>())
      throw LayerError(
          fmt::format("row {} of sequence {} may look at no key at all: its softmax is "
                      "0 / 0",
                      row % length, row / length));
  return allowed;
}

}  // namespace

const LayerType multi_head_attention_layer{
    "multi_head_attention",
    {integer_option("num_heads").at_least(1), boolean_option("bias", true),
     boolean_option("batch_first", false), boolean_option("causal", false),
     tensor_option("key_padding_mask")},
    [](const Options& options, const at::Tensor& input) -> std::unique_ptr<Layer> {
      if (input.dim() != 3)
        throw LayerError(
            fmt::format("expected an input of 3 dimensions, (L, N, E), or (N, L, E) with "
                        "batch_first, found {}",
                        input.dim()));
      const std::int64_t heads = options.integer("num_heads"), width = input.size(2);
      if (width == 0 || width % heads != 0)
        throw LayerError(fmt::format("num_heads {} must divide the width {}", heads, width));
      const bool batch_first = options.boolean("batch_first");
      const at::Tensor allowed =
          allowed_keys(options, input.size(batch_first ? 0 : 1), input.size(batch_first ? 1 : 0));
      return std::make_unique<MultiHeadAttention>(width, heads, options.boolean("bias"),
                                                  batch_first, allowed, input.scalar_type());
    }};

}  // namespace gradient_check
