#include "gradient_check/subject/layers/convolution.h"

namespace gradient_check {

const LayerType conv1d_layer{
    "conv1d", convolution_options(1),
    [](const Options& options, const at::Tensor& input) -> std::unique_ptr<Layer> {
      return make_convolution(options, input, 1);
    }};

}  // namespace gradient_check
