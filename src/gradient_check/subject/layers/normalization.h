#pragma once

#include <ATen/core/Tensor.h>

#include "gradient_check/subject/layer.h"

namespace gradient_check {

/// normalized_shape of layer_norm and rms_norm: the input's last dimensions, the very last by
/// default.
OptionSpec normalized_shape_option();
/// That option resolved for an input. Throws LayerError where it is not the end of the input's
/// shape.
std::vector<std::int64_t> normalized_shape(const Options& options, const at::Tensor& input);
/// The last `count` dimensions of a tensor, as negative numbers.
std::vector<std::int64_t> last_dimensions(std::size_t count);
/// All but the last `count` dimensions.
std::vector<std::int64_t> leading_dimensions(const at::Tensor& tensor, std::size_t count);
/// Sum over the leading dimensions: the gradient of a parameter broadcast along them.
at::Tensor sum_leading(const at::Tensor& tensor, std::size_t count);

}  // namespace gradient_check
