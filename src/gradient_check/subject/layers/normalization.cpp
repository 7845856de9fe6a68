#include "gradient_check/subject/layers/normalization.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace gradient_check {

OptionSpec normalized_shape_option() { return sizes_option("normalized_shape", 0, -1); }

std::vector<std::int64_t> normalized_shape(const Options& options, const at::Tensor& input) {
  std::vector<std::int64_t> shape = options.sizes("normalized_shape");
  if (input.dim() == 0) throw LayerError("the input is a scalar; expected at least one dimension");
  if (shape.empty()) shape = {input.size(-1)};
  const auto sizes = input.sizes();
  if (shape.size() > sizes.size() || !std::equal(shape.rbegin(), shape.rend(), sizes.rbegin()))
    throw LayerError(fmt::format("normalized_shape [{}] is not the end of the input's shape [{}]",
                                 fmt::join(shape, ", "), fmt::join(sizes, ", ")));
  return shape;
}

std::vector<std::int64_t> last_dimensions(std::size_t count) {
  std::vector<std::int64_t> dims;
  for (std::size_t i = count; i > 0; --i) dims.push_back(-static_cast<std::int64_t>(i));
  return dims;
}

std::vector<std::int64_t> leading_dimensions(const at::Tensor& tensor, std::size_t count) {
  std::vector<std::int64_t> dims;
  for (std::int64_t d = 0; d < tensor.dim() - static_cast<std::int64_t>(count); ++d)
    dims.push_back(d);
  return dims;
}

at::Tensor sum_leading(const at::Tensor& tensor, std::size_t count) {
  const std::vector<std::int64_t> dims = leading_dimensions(tensor, count);
  return dims.empty() ? tensor : tensor.sum(dims);
}

}  // namespace gradient_check
