#include "gradient_check/subject/layers/convolution.h"

namespace gradient_check {

const LayerType conv2d_layer{
    "conv2d", convolution_options(2),
    [](const Options& options, const at::Tensor& input) -> std::unique_ptr<Layer> {
      return make_convolution(options, input, 2);
    }};

}  // namespace gradient_check
