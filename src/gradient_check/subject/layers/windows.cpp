#include "gradient_check/subject/layers/windows.h"

#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <algorithm>

#include "gradient_check/subject/layer.h"

namespace gradient_check {
namespace {

/// The elements at one offset (i, j) of every window: a strided view of the padded input.
at::Tensor at_offset(const at::Tensor& padded, const Windows& windows, std::int64_t i,
                     std::int64_t j, std::int64_t rows, std::int64_t columns) {
  const std::int64_t top = i * windows.dilation[0], left = j * windows.dilation[1];
  return padded.slice(2, top, top + (rows - 1) * windows.stride[0] + 1, windows.stride[0])
      .slice(3, left, left + (columns - 1) * windows.stride[1] + 1, windows.stride[1]);
}

/// The dtype to add up in: sums of float16 and bfloat16 are rounded once, at their end.
at::ScalarType sum_dtype(at::ScalarType dtype) {
  return dtype == at::kHalf || dtype == at::kBFloat16 ? at::kFloat : dtype;
}

}  // namespace

std::int64_t Windows::count(std::size_t d, std::int64_t size) const {
  const std::int64_t span = dilation[d] * (kernel[d] - 1) + 1;
  const std::int64_t room = size + 2 * padding[d] - span;
  const std::int64_t reach = room + (ceil_mode ? stride[d] - 1 : 0);
  std::int64_t windows = reach < 0 ? 0 : reach / stride[d] + 1;
  if (ceil_mode && (windows - 1) * stride[d] >= size + padding[d]) --windows;
  if (windows < 1)
    throw LayerError(
        fmt::format("found a kernel that spans {} of a dimension padded to {}; expected "
                    "at most that",
                    span, size + 2 * padding[d]));
  return windows;
}

std::int64_t Windows::padded(std::size_t d, std::int64_t size) const {
  const std::int64_t needed = (count(d, size) - 1) * stride[d] + dilation[d] * (kernel[d] - 1) + 1;
  return std::max(size + 2 * padding[d], needed);
}

Windows pool_windows(const Options& options, const at::Tensor& input,
                     std::vector<std::int64_t> dilation) {
  if (input.dim() != 4)
    throw LayerError(
        fmt::format("found an input of {} dimensions; expected 4, (N, C, H, W)", input.dim()));
  Windows windows{options.sizes("kernel_size"), options.sizes("stride"), options.sizes("padding"),
                  std::move(dilation), options.boolean("ceil_mode")};
  if (windows.stride.empty()) windows.stride = windows.kernel;
  for (std::size_t d = 0; d < 2; ++d) {
    if (windows.padding[d] > windows.kernel[d] / 2)
      throw LayerError(fmt::format("found padding {}; expected at most half of kernel_size {}",
                                   windows.padding[d], windows.kernel[d]));
    windows.count(d, input.size(static_cast<std::int64_t>(d) + 2));
  }
  return windows;
}

at::Tensor unfold(const at::Tensor& input, const Windows& windows, double fill) {
  const std::int64_t height = input.size(2), width = input.size(3);
  const std::int64_t rows = windows.count(0, height), columns = windows.count(1, width);
  at::Tensor padded =
      at::full({input.size(0), input.size(1), windows.padded(0, height), windows.padded(1, width)},
               fill, input.options());
  padded.narrow(2, windows.padding[0], height).narrow(3, windows.padding[1], width).copy_(input);
  std::vector<at::Tensor> offsets;
  for (std::int64_t i = 0; i < windows.kernel[0]; ++i)
    for (std::int64_t j = 0; j < windows.kernel[1]; ++j)
      offsets.push_back(at_offset(padded, windows, i, j, rows, columns)
                            .reshape({input.size(0), input.size(1), rows * columns}));
  return at::stack(offsets, 2);
}

at::Tensor fold(const at::Tensor& columns, const Windows& windows, at::IntArrayRef input_sizes) {
  const std::int64_t height = input_sizes[2], width = input_sizes[3];
  const std::int64_t rows = windows.count(0, height), across = windows.count(1, width);
  at::Tensor padded = at::zeros(
      {input_sizes[0], input_sizes[1], windows.padded(0, height), windows.padded(1, width)},
      columns.options().dtype(sum_dtype(columns.scalar_type())));
  for (std::int64_t i = 0; i < windows.kernel[0]; ++i)
    for (std::int64_t j = 0; j < windows.kernel[1]; ++j)
      at_offset(padded, windows, i, j, rows, across)
          .add_(columns.select(2, i * windows.kernel[1] + j)
                    .reshape({input_sizes[0], input_sizes[1], rows, across}));
  return padded.narrow(2, windows.padding[0], height)
      .narrow(3, windows.padding[1], width)
      .to(columns.scalar_type())
      .contiguous();
}

}  // namespace gradient_check
