#include "gradient_check/subject/layers/convolution.h"

#include <ATen/ops/conv1d.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/matmul.h>
#include <fmt/format.h>

#include "gradient_check/subject/initialization.h"
#include "gradient_check/subject/layers/windows.h"

namespace gradient_check {
namespace {

// y = W ∗ x + b per group, as a product with the unfolded input (im2col; Chellapilla et al. 2006):
// with X: (N, G, C/G·K, P) the columns of x for K kernel elements and P windows, W: (G, O/G, C/G·K)
//   y = W X + b                        ∂L/∂b = Σ over N and P of g
//   ∂L/∂W = Σ over N of g Xᵀ            ∂L/∂x = fold(Wᵀ g)            (torch.nn.Conv1d, Conv2d)
class Convolution : public Layer {
 public:
  Convolution(const Options& options, const at::Tensor& input, std::size_t dimensions)
      : dimensions_(dimensions),
        channels_(input.size(1)),
        out_channels_(options.integer("out_channels")),
        groups_(options.integer("groups")),
        bias_(options.boolean("bias")),
        windows_{both(options, "kernel_size", 1), both(options, "stride", 1),
                 both(options, "padding", 0), both(options, "dilation", 1)},
        dtype_(input.scalar_type()) {}

  NamedTensors initial_parameters() const override {
    std::vector<std::int64_t> sizes{out_channels_, channels_ / groups_};
    sizes.insert(sizes.end(), windows_.kernel.begin() + (dimensions_ == 1 ? 1 : 0),
                 windows_.kernel.end());
    const std::int64_t fan_in = channels_ / groups_ * kernel_elements();
    NamedTensors parameters{{"weight", draw_fan_in(sizes, fan_in, dtype_)}};
    if (bias_) parameters.set("bias", draw_fan_in({out_channels_}, fan_in, dtype_));
    return parameters;
  }

  at::Tensor forward(const at::Tensor& input, const Tensors& parameters,
                     Tensors& saved) const override {
    const at::Tensor image = as_image(input);
    const std::int64_t rows = windows_.count(0, image.size(2));
    const std::int64_t across = windows_.count(1, image.size(3));
    const at::Tensor columns =
        unfold(image, windows_, 0)
            .reshape(
                {image.size(0), groups_, channels_ / groups_ * kernel_elements(), rows * across});
    saved = {input, columns};
    at::Tensor output = at::matmul(grouped_weight(parameters[0]), columns);  // (N, G, O/G, P)
    output = output.reshape({image.size(0), out_channels_, rows, across});
    if (bias_) output = output + parameters[1].reshape({1, -1, 1, 1});
    return dimensions_ == 1 ? output.squeeze(2) : output;
  }

  LayerGradients backward(const at::Tensor& grad_output, const Tensors& parameters,
                          const Tensors& saved) const override {
    const at::Tensor image = as_image(saved[0]);
    const std::int64_t batch = image.size(0), places = saved[1].size(3);
    const at::Tensor grad = grad_output.reshape({batch, groups_, out_channels_ / groups_, places});
    const at::Tensor weight = at::matmul(by_group(grad), by_group(saved[1]).transpose(1, 2));
    const at::Tensor columns = at::matmul(grouped_weight(parameters[0]).transpose(1, 2), grad);
    const at::Tensor input = fold(columns.reshape({batch, channels_, kernel_elements(), places}),
                                  windows_, image.sizes());
    LayerGradients gradients{input.reshape(saved[0].sizes()),
                             {weight.reshape(parameters[0].sizes())}};
    if (bias_)
      gradients.parameters.push_back(grad.sum(at::IntArrayRef{0, 3}).reshape({out_channels_}));
    return gradients;
  }

  at::Tensor reference(const at::Tensor& input, const Tensors& parameters) const override {
    const at::Tensor bias = bias_ ? parameters[1] : at::Tensor();
    if (dimensions_ == 1)
      return at::conv1d(input, parameters[0], bias, windows_.stride[1], windows_.padding[1],
                        windows_.dilation[1], groups_);
    return at::conv2d(input, parameters[0], bias, windows_.stride, windows_.padding,
                      windows_.dilation, groups_);
  }

  /// Throws LayerError where no window fits.
  void expect_fit(const at::Tensor& input) const {
    const at::Tensor image = as_image(input);
    windows_.count(0, image.size(2));
    windows_.count(1, image.size(3));
  }

 private:
  /// An option as {vertical, horizontal}; in one dimension the vertical one is `alone`.
  std::vector<std::int64_t> both(const Options& options, const char* name,
                                 std::int64_t alone) const {
    const std::vector<std::int64_t>& sizes = options.sizes(name);
    return dimensions_ == 1 ? std::vector<std::int64_t>{alone, sizes[0]} : sizes;
  }
  at::Tensor as_image(const at::Tensor& input) const {
    return dimensions_ == 1 ? input.unsqueeze(2) : input;
  }
  std::int64_t kernel_elements() const { return windows_.kernel[0] * windows_.kernel[1]; }
  /// (N, G, M, P) as (G, M, N·P).
  static at::Tensor by_group(const at::Tensor& columns) {
    return columns.permute({1, 2, 0, 3})
        .reshape({columns.size(1), columns.size(2), columns.size(0) * columns.size(3)});
  }
  at::Tensor grouped_weight(const at::Tensor& weight) const {
    return weight.reshape(
        {groups_, out_channels_ / groups_, channels_ / groups_ * kernel_elements()});
  }

  std::size_t dimensions_;
  std::int64_t channels_, out_channels_, groups_;
  bool bias_;
  Windows windows_;
  at::ScalarType dtype_;
};

}  // namespace

std::vector<OptionSpec> convolution_options(std::size_t dimensions) {
  return {integer_option("out_channels").at_least(1),
          sizes_option("kernel_size", dimensions).at_least(1),
          sizes_option("stride", dimensions, 1).at_least(1),
          sizes_option("padding", dimensions, 0),
          sizes_option("dilation", dimensions, 1).at_least(1),
          integer_option("groups", 1).at_least(1),
          boolean_option("bias", true)};
}

std::unique_ptr<Layer> make_convolution(const Options& options, const at::Tensor& input,
                                        std::size_t dimensions) {
  const std::int64_t rank = static_cast<std::int64_t>(dimensions) + 2;
  if (input.dim() != rank)
    throw LayerError(fmt::format("found an input of {} dimensions; expected {}, {}", input.dim(),
                                 rank, dimensions == 1 ? "(N, C, L)" : "(N, C, H, W)"));
  if (input.size(1) == 0) throw LayerError("found an input of 0 channels; expected at least 1");
  const std::int64_t groups = options.integer("groups");
  if (input.size(1) % groups != 0 || options.integer("out_channels") % groups != 0)
    throw LayerError(
        fmt::format("found {} channels and out_channels {}; expected multiples of groups {}",
                    input.size(1), options.integer("out_channels"), groups));
  auto layer = std::make_unique<Convolution>(options, input, dimensions);
  layer->expect_fit(input);
  return layer;
}

}  // namespace gradient_check
