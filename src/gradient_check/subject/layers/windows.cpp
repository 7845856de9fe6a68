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
  return padded
      .slice(2, top, top + (rows - 1) * windows.stride[0] + 1, windows.stride[0])
      .slice(3, left, left + (columns - 1) * windows.stride[1] + 1, windows.stride[1]);
}

}  // namespace

std::int64_t Windows::count(std::size_t d, std::int64_t size) const {
  const std::int64_t span = dilation[d] * (kernel[d] - 1) + 1;
  const std::int64_t room = size + 2 * padding[d] - span;
  if (room < 0)
    throw LayerError(fmt::format("a kernel that spans {} is larger than the padded input's {}", span,
                                 size + 2 * padding[d]));
  std::int64_t windows = (room + (ceil_mode ? stride[d] - 1 : 0)) / stride[d] + 1;
  if (ceil_mode && (windows - 1) * stride[d] >= size + padding[d]) --windows;
  return windows;
}

std::int64_t Windows::padded(std::size_t d, std::int64_t size) const {
  const std::int64_t needed = (count(d, size) - 1) * stride[d] + dilation[d] * (kernel[d] - 1) + 1;
  return std::max(size + 2 * padding[d], needed);
}

at::Tensor unfold(const at::Tensor& input, const Windows& windows, double fill) {
  const std::int64_t height = input.size(2), width = input.size(3);
  const std::int64_t rows = windows.count(0, height), columns = windows.count(1, width);
  at::Tensor padded = at::full({input.size(0), input.size(1), windows.padded(0, height),
                                windows.padded(1, width)},
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
  at::Tensor padded = at::zeros({input_sizes[0], input_sizes[1], windows.padded(0, height),
                                 windows.padded(1, width)},
                                columns.options());
  for (std::int64_t i = 0; i < windows.kernel[0]; ++i)
    for (std::int64_t j = 0; j < windows.kernel[1]; ++j)
      at_offset(padded, windows, i, j, rows, across)
          .add_(columns.select(2, i * windows.kernel[1] + j)
                    .reshape({input_sizes[0], input_sizes[1], rows, across}));
  return padded.narrow(2, windows.padding[0], height)
      .narrow(3, windows.padding[1], width)
      .contiguous();
}

}  // namespace gradient_check
