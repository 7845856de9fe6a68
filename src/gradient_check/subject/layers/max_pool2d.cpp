#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/zeros.h>

#include <limits>

#include "gradient_check/subject/layers/layers.h"
#include "gradient_check/subject/layers/windows.h"

namespace gradient_check {
namespace {

// y = the largest element under each window; its gradient goes to that element, the first of a tie.
// x: (N, C, H, W)      y: (N, C, oh, ow)      outside of the input: -∞      (torch.nn.MaxPool2d)
class MaxPool2d : public Layer {
 public:
  explicit MaxPool2d(Windows windows) : windows_(std::move(windows)) {}

  at::Tensor forward(const at::Tensor& input, const Tensors&, Tensors& saved) const override {
    const at::Tensor columns = unfold(input, windows_, -std::numeric_limits<double>::infinity());
    const at::Tensor winners = std::get<1>(columns.max(2, true));  // (N, C, 1, P)
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
  Windows windows_;
};

}  // namespace

const LayerType max_pool2d_layer{
    "max_pool2d",
    {sizes_option("kernel_size", 2).at_least(1), sizes_option("stride", 2, -1).at_least(1),
     sizes_option("padding", 2, 0), sizes_option("dilation", 2, 1).at_least(1),
     boolean_option("ceil_mode", false)},
    [](const Options& options, const at::Tensor& input) -> std::unique_ptr<Layer> {
      return std::make_unique<MaxPool2d>(pool_windows(options, input, options.sizes("dilation")));
    }};

}  // namespace gradient_check
