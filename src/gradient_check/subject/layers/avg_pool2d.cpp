#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/empty.h>

#include <algorithm>

#include "gradient_check/subject/layers/layers.h"
#include "gradient_check/subject/layers/windows.h"

namespace gradient_check {
namespace {

// y = Σ of the elements under each window / divisor; its gradient, over the same divisor, goes to
// each. The divisor is divisor_override, else the elements of the window that lie within the input,
// with count_include_pad within the padded input.
// x: (N, C, H, W)      y: (N, C, oh, ow)                                  (torch.nn.AvgPool2d)
class AvgPool2d : public Layer {
 public:
  AvgPool2d(Windows windows, bool count_include_pad, std::int64_t divisor_override)
      : windows_(std::move(windows)),
        count_include_pad_(count_include_pad),
        divisor_override_(divisor_override) {}

  at::Tensor forward(const at::Tensor& input, const Tensors&, Tensors& saved) const override {
    saved = {input};
    // In float64, for the sum of a float16 window may overflow where its mean does not.
    const at::Tensor sums = unfold(input, windows_, 0).sum(2, false, at::kDouble);  // (N, C, P)
    const at::Tensor counts = divisors(input);                                      // (oh, ow)
    return (sums / counts.flatten())
        .to(input.scalar_type())
        .reshape({input.size(0), input.size(1), counts.size(0), counts.size(1)});
  }

  LayerGradients backward(const at::Tensor& grad_output, const Tensors&,
                          const Tensors& saved) const override {
    const at::Tensor& input = saved[0];
    const at::Tensor counts = divisors(input);
    const at::Tensor shares = (grad_output / counts).to(grad_output.scalar_type());
    const at::Tensor columns =
        shares.reshape({input.size(0), input.size(1), 1, counts.numel()})
            .expand({-1, -1, windows_.kernel[0] * windows_.kernel[1], -1});  // (N, C, kh·kw, P)
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

  /// The divisor of each window: (oh, ow), float64, which holds any count.
  at::Tensor divisors(const at::Tensor& input) const {
    const std::int64_t rows = windows_.count(0, input.size(2)),
                       columns = windows_.count(1, input.size(3));
    at::Tensor divisors = at::empty({rows, columns}, at::kDouble);
    auto* data = divisors.data_ptr<double>();
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t j = 0; j < columns; ++j)
        data[i * columns + j] = static_cast<double>(
            divisor_override_ > 0 ? divisor_override_
                                  : extent(0, i, input.size(2)) * extent(1, j, input.size(3)));
    return divisors.to(input.device());
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
      return std::make_unique<AvgPool2d>(pool_windows(options, input, {1, 1}),
                                         options.boolean("count_include_pad"),
                                         options.integer("divisor_override"));
    }};

}  // namespace gradient_check
