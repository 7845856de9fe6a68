#pragma once

#include <memory>

#include "gradient_check/subject/layers/layers.h"

namespace gradient_check {

/// The options of torch.nn.Conv1d or Conv2d, less in_channels, which the input gives.
std::vector<OptionSpec> convolution_options(std::size_t dimensions);
/// A convolution over `dimensions` (1 or 2) spatial dimensions. Throws LayerError.
std::unique_ptr<Layer> make_convolution(const Options& options, const at::Tensor& input,
                                        std::size_t dimensions);

}  // namespace gradient_check
