#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace gradient_check {

/// Whether LibTorch can have a tensor of these sizes: none is negative, and the strides and the
/// bytes fit 64 bits. Strides are counted as if a size of 0 were 1, so a shape without elements may
/// be too large too.
inline bool is_countable_shape(const std::vector<std::int64_t>& sizes) {
  std::int64_t bytes = 16;  // of the largest element, complex128
  return std::all_of(sizes.begin(), sizes.end(), [&](std::int64_t size) {
    return size >= 0 && !__builtin_mul_overflow(bytes, std::max<std::int64_t>(size, 1), &bytes);
  });
}

}  // namespace gradient_check
