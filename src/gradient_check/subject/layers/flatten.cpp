#include <ATen/ops/flatten.h>
#include <fmt/format.h>

#include <algorithm>

#include "gradient_check/subject/layers/layers.h"

namespace gradient_check {
namespace {

// y = x with dimensions start_dim to end_dim joined      ∂L/∂x = g in x's shape (torch.nn.Flatten)
class Flatten : public Layer {
 public:
  Flatten(std::int64_t start_dim, std::int64_t end_dim)
      : start_dim_(start_dim), end_dim_(end_dim) {}

  at::Tensor forward(const at::Tensor& input, const Tensors&, Tensors& saved) const override {
    saved = {input};
    std::vector<std::int64_t> sizes;
    std::int64_t joined = 1;
    for (std::int64_t d = 0; d < input.dim(); ++d) {
      if (d < start_dim_ || d > end_dim_)
        sizes.push_back(input.size(d));
      else
        joined *= input.size(d);
      if (d == end_dim_) sizes.push_back(joined);
    }
    if (input.dim() == 0) sizes.push_back(1);
    return input.reshape(sizes);
  }

  LayerGradients backward(const at::Tensor& grad_output, const Tensors&,
                          const Tensors& saved) const override {
    return {grad_output.reshape(saved[0].sizes()), {}};
  }

  at::Tensor reference(const at::Tensor& input, const Tensors&) const override {
    return input.flatten(start_dim_, end_dim_);
  }

 private:
  std::int64_t start_dim_;
  std::int64_t end_dim_;
};

}  // namespace

const LayerType flatten_layer{
    "flatten",
    {integer_option("start_dim", 1), integer_option("end_dim", -1)},
    [](const Options& options, const at::Tensor& input) -> std::unique_ptr<Layer> {
      const std::int64_t rank = std::max<std::int64_t>(input.dim(), 1);
      const auto wrapped = [&](const char* name) {
        const std::int64_t dim = options.integer(name);
        if (dim < -rank || dim >= rank)
          throw LayerError(fmt::format("found {} {}; an input of {} dimensions takes {} to {}",
                                       name, dim, input.dim(), -rank, rank - 1));
        return dim < 0 ? dim + rank : dim;
      };
      const std::int64_t start = wrapped("start_dim"), end = wrapped("end_dim");
      if (start > end)
        throw LayerError(
            fmt::format("found start_dim {} behind end_dim {}; expected it at or before",
                        options.integer("start_dim"), options.integer("end_dim")));
      return std::make_unique<Flatten>(start, end);
    }};

}  // namespace gradient_check
