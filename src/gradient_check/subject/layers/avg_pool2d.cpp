#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/empty.h>

#include <algorithm>

#include "gradient_check/subject/layers/layers.h"
#include "gradient_check/subject/layers/windows.h"

namespace gradient_check {
namespace {

// y = Σ of the elements under each window / divisor; its gradient, over the same divisor, goes to each.
// The divisor is divisor_override, else the elements of the window that lie within the input, with
// count_include_pad within the padded input.
// x: (N, C, H, W)      y: (N, C, oh, ow)                                  (torch.nn.AvgPool2d)
class AvgPool2d : public Layer {
 public:
  AvgPool2d(Windows windows, bool count_include_pad, std::int64_t divisor_override)
      : windows_(std::move(windows)),
        count_include_pad_(count_include_pad),
        divisor_override_(divisor_override) {}

  at::Tensor forward(const at::Tensor& input, const Tensors&, Tensors& saved) const override {
    saved = {input};
    const at::Tensor sums = unfold(input, windows_, 0).sum(2);  // (N, C, P)
    return (sums / divisors(input).to(input.scalar_type()).reshape({1, 1, -1}))
        .reshape({input.size(0), input.size(1), windows_.count(0, input.size(2)),
                  windows_.count(1, input.size(3))});
  }

  LayerGradients backward(const at::Tensor& grad_output, const Tensors&,
                          const Tensors& saved) const override {
    const at::Tensor& input = saved[0];
    const at::Tensor shares =
        grad_output.reshape({input.size(0), input.size(1), 1, -1}) /
        divisors(input).to(grad_output.scalar_type()).reshape({1, 1, 1, -1});
    const at::Tensor columns = shares.expand(
        {input.size(0), input.size(1), windows_.kernel[0] * windows_.kernel[1], shares.size(3)});
    return {fold(columns, windows_, input.sizes()), {}};
  }

  at::Tensor reference(const at::Tensor& input, const Tensors&) const override {
    if (divisor_override_ > 0)
      return at::avg_pool2d(input, windows_.kernel, windows_.stride, windows_.padding,
                            windows_.ceil_mode, count_include_pad_, divisor_override_);
    return at::avg_pool2d(input, windows_.kernel, windows_.stride, windows_.padding,
                          windows_.ceil_mode, count_include_pad_);
  }

 private:
  /// Elements counted along one dimension for window `i`.
  std::int64_t extent(std::size_t d, std::int64_t i, std::int64_t size) const {
    const std::int64_t start = i * windows_.stride[d] - windows_.padding[d];
    const std::int64_t end = std::min(start + windows_.kernel[d], size + windows_.padding[d]);
    if (count_include_pad_) return end - start;
    return std::min(end, size) - std::max<std::int64_t>(start, 0);
  }

  /// The divisor of each window: (oh, ow), float64.
  at::Tensor divisors(const at::Tensor& input) const {
    const std::int64_t rows = windows_.count(0, input.size(2)), columns = windows_.count(1, input.size(3));
    at::Tensor divisors = at::empty({rows, columns}, at::kDouble);
    auto* data = divisors.data_ptr<double>();
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t j = 0; j < columns; ++j)
        data[i * columns + j] = static_cast<double>(
            divisor_override_ > 0 ? divisor_override_
                                  : extent(0, i, input.size(2)) * extent(1, j, input.size(3)));
    return divisors;
  }

  Windows windows_;
  bool count_include_pad_;
  std::int64_t divisor_override_;
};

}  // namespace

const LayerType avg_pool2d_layer{
    "avg_pool2d",
    {sizes_option("kernel_size", 2).at_least(1), sizes_option("stride", 2, -1).at_least(1),
     sizes_option("padding", 2, 0), boolean_option("ceil_mode", false),
     boolean_option("count_include_pad", true), integer_option("divisor_override", 0).at_least(0)},
    [](const Options& options, const at::Tensor& input) -> std::unique_ptr<Layer> {
      if (input.dim() != 4)
        throw LayerError("expected an input of 4 dimensions, (N, C, H, W), found " +
                         std::to_string(input.dim()));
      Windows windows{options.sizes("kernel_size"), options.sizes("stride"), options.sizes("padding"),
                      {1, 1}, options.boolean("ceil_mode")};
      if (windows.stride.empty()) windows.stride = windows.kernel;
      for (std::size_t d = 0; d < 2; ++d) {
        if (windows.padding[d] > windows.kernel[d] / 2)
          throw LayerError("padding must be at most half of kernel_size");
        windows.count(d, input.size(static_cast<std::int64_t>(d) + 2));
      }
      return std::make_unique<AvgPool2d>(std::move(windows), options.boolean("count_include_pad"),
                                         options.integer("divisor_override"));
    }};

}  // namespace gradient_check
