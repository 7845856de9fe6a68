#include <ATen/ops/embedding.h>
#include <ATen/ops/zeros.h>
#include <c10/core/DefaultDtype.h>
#include <c10/core/ScalarTypeToTypeMeta.h>
#include <fmt/format.h>

#include "gradient_check/subject/initialization.h"
#include "gradient_check/subject/layers/layers.h"

namespace gradient_check {
namespace {

// y = W[i], 0 where i = padding_idx
// ∂L/∂W[k] = Σ over the places where i = k of g, 0 for k = padding_idx
// The padding row is held at the zeros that torch.nn.Embedding gives it, so that its gradient of 0
// is the function's own and not a convention.
// i: (*) indices      W: (num_embeddings, embedding_dim)      y: (*, embedding_dim)
//                                                                        (torch.nn.Embedding)
class Embedding : public Layer {
 public:
  Embedding(std::int64_t count, std::int64_t width, std::int64_t padding, at::ScalarType dtype)
      : count_(count), width_(width), padding_(padding), dtype_(dtype) {}

  NamedTensors initial_parameters() const override {
    at::Tensor weight = draw_normal({count_, width_}, 0, 1, dtype_);
    if (padding_ >= 0) weight[padding_].zero_();
    return {{"weight", weight}};
  }

  at::Tensor forward(const at::Tensor& input, const Tensors& parameters,
                     Tensors& saved) const override {
    saved = {input.to(at::kLong)};
    std::vector<std::int64_t> sizes = input.sizes().vec();
    sizes.push_back(width_);
    return without_padding(parameters[0].index_select(0, saved[0].reshape({-1})).reshape(sizes),
                           saved[0]);
  }

  LayerGradients backward(const at::Tensor& grad_output, const Tensors& parameters,
                          const Tensors& saved) const override {
    // Summed in float64, for an index may occur thousands of times.
    const at::Tensor rows = grad_output.to(at::kDouble).reshape({-1, width_});  // (R, width)
    at::Tensor weight = at::zeros(parameters[0].sizes(), rows.options());
    weight.index_add_(0, saved[0].reshape({-1}), rows);
    if (padding_ >= 0) weight[padding_].zero_();
    return {at::Tensor(), {weight.to(grad_output.scalar_type())}};
  }

  at::Tensor reference(const at::Tensor& input, const Tensors& parameters) const override {
    const at::Tensor indices = input.to(at::kLong);
    return without_padding(at::embedding(parameters[0], indices, padding_), indices);
  }

 private:
  at::Tensor without_padding(const at::Tensor& output, const at::Tensor& indices) const {
    return padding_ < 0 ? output : output.masked_fill((indices == padding_).unsqueeze(-1), 0);
  }

  std::int64_t count_, width_, padding_;
  at::ScalarType dtype_;
};

}  // namespace

const LayerType embedding_layer{
    "embedding",
    {integer_option("num_embeddings").at_least(1), integer_option("embedding_dim").at_least(1),
     integer_option("padding_idx", -1).at_least(-1)},
    [](const Options& options, const at::Tensor& input) -> std::unique_ptr<Layer> {
      const std::int64_t count = options.integer("num_embeddings");
      const at::Tensor indices = input.to(at::kLong);
      if (input.is_floating_point() && !indices.to(input.scalar_type()).equal(input))
        throw LayerError("the input holds fractions; expected indices, of dtype int64");
      if (input.numel() > 0)
        for (const at::Tensor& index : {indices.min(), indices.max()})
          if (const auto i = index.item<std::int64_t>(); i < 0 || i >= count)
            throw LayerError(
                fmt::format("found index {}; expected 0 to num_embeddings - 1 = {}", i, count - 1));
      const std::int64_t padding = options.integer("padding_idx");
      if (padding >= count)
        throw LayerError(
            fmt::format("found padding_idx {}; expected -1 (none) to num_embeddings - 1 = {}",
                        padding, count - 1));
      return std::make_unique<Embedding>(count, options.integer("embedding_dim"), padding,
                                         input.is_floating_point()
                                             ? input.scalar_type()
                                             : c10::typeMetaToScalarType(c10::get_default_dtype()));
    }};

}  // namespace gradient_check
