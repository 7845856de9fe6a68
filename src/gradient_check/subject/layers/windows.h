#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "gradient_check/case/option_spec.h"

namespace gradient_check {

/// Windows that slide over the last two dimensions of an (N, C, H, W) tensor. A one-dimensional
/// problem has H = 1.
struct Windows {
  std::vector<std::int64_t> kernel, stride, padding, dilation;  ///< each {vertical, horizontal}
  bool ceil_mode = false;

  /// Windows along dimension d (0 vertical, 1 horizontal) for that size of input, as torch.nn
  /// counts them: ⌊(size + 2p - d(k-1) - 1) / s⌋ + 1; with ceil_mode rounded up, but none may start
  /// in the right padding. Throws LayerError where there is none.
  std::int64_t count(std::size_t d, std::int64_t size) const;

  /// The padded size, right padding extended where ceil_mode needs it.
  std::int64_t padded(std::size_t d, std::int64_t size) const;
};

/// A pool's windows from its options kernel_size, stride (unset: kernel_size), padding and
/// ceil_mode. Throws LayerError where they do not fit the input, (N, C, H, W).
Windows pool_windows(const Options& options, const at::Tensor& input,
                     std::vector<std::int64_t> dilation);

/// (N, C, kh·kw, oh·ow) of the elements under each window; outside of the input, `fill`.
at::Tensor unfold(const at::Tensor& input, const Windows& windows, double fill);
/// The adjoint of unfold with fill 0, (N, C, H, W): each element's sum over its windows.
at::Tensor fold(const at::Tensor& columns, const Windows& windows, at::IntArrayRef input_sizes);

}  // namespace gradient_check
