#include <ATen/ops/arange.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <limits>

#include "gradient_check/subject/layers/layers.h"
#include "gradient_check/subject/layers/windows.h"

namespace gradient_check {
namespace {

// y = the largest element under each window; its gradient goes to that element: the first of a tie,
// and the last NaN where there is one, as LibTorch has it.
// x: (N, C, H, W)      y: (N, C, oh, ow)      outside of the input: -∞      (torch.nn.MaxPool2d)
class MaxPool2d : public Layer {
 public:
  explicit MaxPool2d(Windows windows) : windows_(std::move(windows)) {}

  at::Tensor forward(const at::Tensor& input, const Tensors&, Tensors& saved) const override {
    const at::Tensor columns = unfold(input, windows_, -std::numeric_limits<double>::infinity());
    const at::Tensor winners = winners_of(columns, unfold(at::ones_like(input), windows_, 0));
    saved = {input, winners};
    return columns.gather(2, winners)
        .reshape({input.size(0), input.size(1), windows_.count(0, input.size(2)),
                  windows_.count(1, input.size(3))});
  }

  LayerGradients backward(const at::Tensor& grad_output, const Tensors&,
                          const Tensors& saved) const override {
    const at::Tensor& winners = saved[1];
    std::vector<std::int64_t> sizes = winners.sizes().vec();
    sizes[2] = windows_.kernel[0] * windows_.kernel[1];
    at::Tensor columns = at::zeros(sizes, grad_output.options());
    columns.scatter_(2, winners, grad_output.reshape(winners.sizes()));
    return {fold(columns, windows_, saved[0].sizes()), {}};
  }

  at::Tensor reference(const at::Tensor& input, const Tensors&) const override {
    return at::max_pool2d(input, windows_.kernel, windows_.stride, windows_.padding,
                          windows_.dilation, windows_.ceil_mode);
  }

 private:
  /// (N, C, 1, P): which element of each window wins. Padding never does, not even beside -∞ alone.
  static at::Tensor winners_of(const at::Tensor& columns, const at::Tensor& inside) {
    const std::int64_t size = columns.size(2);
    const at::Tensor place =
        at::arange(size, columns.options().dtype(at::kLong)).reshape({1, 1, size, 1});
    const at::Tensor largest = std::get<0>(columns.max(2, true));
    const at::Tensor candidates = (columns == largest).logical_and(inside != 0);
    const at::Tensor rank = candidates * (size - place) + columns.isnan() * (size + 1 + place);
    return rank.argmax(2, true);
  }

  Windows windows_;
};

/// LibTorch's backward writes outside of its memory for a window without an element.
void expect_an_element_each(const Windows& windows, const at::Tensor& input) {
  for (std::size_t d = 0; d < 2; ++d) {
    const std::int64_t size = input.size(static_cast<std::int64_t>(d) + 2);
    for (std::int64_t window = 0; window < windows.count(d, size); ++window) {
      bool holds_one = false;
      for (std::int64_t i = 0; i < windows.kernel[d]; ++i) {
        const std::int64_t at =
            window * windows.stride[d] - windows.padding[d] + i * windows.dilation[d];
        holds_one = holds_one || (at >= 0 && at < size);
      }
      if (!holds_one)
        throw LayerError(
            fmt::format("found that window {} of dimension {} lies wholly in the padding; expected "
                        "an element of the input in each",
                        window, d + 2));
    }
  }
}

}  // namespace

const LayerType max_pool2d_layer{
    "max_pool2d",
    {sizes_option("kernel_size", 2).at_least(1), sizes_option("stride", 2, -1).at_least(1),
     sizes_option("padding", 2, 0), sizes_option("dilation", 2, 1).at_least(1),
     boolean_option("ceil_mode", false)},
    [](const Options& options, const at::Tensor& input) -> std::unique_ptr<Layer> {
      Windows windows = pool_windows(options, input, options.sizes("dilation"));
      expect_an_element_each(windows, input);
      return std::make_unique<MaxPool2d>(std::move(windows));
    }};

}  // namespace gradient_check
