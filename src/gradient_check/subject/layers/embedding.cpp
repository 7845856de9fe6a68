#include <ATen/ops/embedding.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <c10/core/DefaultDtype.h>
#include <c10/core/ScalarTypeToTypeMeta.h>
#include <fmt/format.h>

#include "gradient_check/subject/initialization.h"
#include "gradient_check/subject/layers/layers.h"

namespace gradient_check {
namespace {

// y = W[i]
// ∂L/∂W[k] = Σ over the places where i = k of g, 0 for k = padding_idx
// The padding row is held at the value that the case gives it, so that its gradient of 0 is the
// function's own and not a convention that finite differences would contradict.
// i: (*) indices      W: (num_embeddings, embedding_dim)      y: (*, embedding_dim)
//                                                                        (torch.nn.Embedding)
class Embedding : public Layer {
 public:
  /// A padding of -1 is none.
  Embedding(std::int64_t count, std::int64_t width, std::int64_t padding, at::ScalarType dtype)
      : count_(count), width_(width), padding_(padding), dtype_(dtype) {}

  /// The row that padding_idx means, counted from the end where it is negative.
  static std::int64_t row_of(std::int64_t padding, std::int64_t count) {
    if (padding < -count || padding >= count)
      throw LayerError(fmt::format(
          "found padding_idx {}; expected -num_embeddings = {} to num_embeddings - 1 = {}", padding,
          -count, count - 1));
    return padding < 0 ? padding + count : padding;
  }

  void adopt(const Tensors& parameters) override {
    if (padding_ >= 0) padding_row_ = parameters[0][padding_].clone();
  }

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
    return with_padding(parameters[0].index_select(0, saved[0].reshape({-1})).reshape(sizes),
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
    return with_padding(at::embedding(parameters[0], indices, padding_), indices);
  }

 private:
  at::Tensor with_padding(const at::Tensor& output, const at::Tensor& indices) const {
    if (padding_ < 0) return output;
    return at::where((indices == padding_).unsqueeze(-1), padding_row_.to(output.options()),
                     output);
  }

  std::int64_t count_, width_, padding_;
  at::ScalarType dtype_;
  at::Tensor padding_row_;
};

}  // namespace

const LayerType embedding_layer{
    "embedding",
    {integer_option("num_embeddings").at_least(1), integer_option("embedding_dim").at_least(1),
     optional_integer_option("padding_idx")},
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
      const auto padding = options.integer_if_set("padding_idx");
      return std::make_unique<Embedding>(count, options.integer("embedding_dim"),
                                         padding ? Embedding::row_of(*padding, count) : -1,
                                         input.is_floating_point()
                                             ? input.scalar_type()
                                             : c10::typeMetaToScalarType(c10::get_default_dtype()));
    }};

}  // namespace gradient_check
