#include "gradient_check/gradient/dtype_limits.h"

#include <ATen/ops/isfinite.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

namespace gradient_check {

double epsilon_of(at::ScalarType dtype) {
  switch (dtype) {
    case at::kHalf:
      return 0x1p-10;
    case at::kBFloat16:
      return 0x1p-7;
    case at::kFloat:
      return 0x1p-23;
    default:
      return 0x1p-52;
  }
}

double smallest_normal(at::ScalarType dtype) {
  switch (dtype) {
    case at::kHalf:
      return 0x1p-14;
    case at::kBFloat16:
    case at::kFloat:
      return 0x1p-126;
    default:
      return 0x1p-1022;
  }
}

double detection_limit(at::ScalarType dtype) {
  switch (dtype) {
    case at::kHalf:
    case at::kBFloat16:
      return 5e-2;
    case at::kFloat:
      return 1e-3;
    default:
      return 1e-8;
  }
}

double largest_magnitude(const at::Tensor& tensor) {
  if (!tensor.defined() || tensor.numel() == 0) return 0;
  const at::Tensor magnitudes = tensor.to(at::kDouble).abs();
  return at::where(at::isfinite(magnitudes), magnitudes, at::zeros_like(magnitudes))
      .max()
      .item<double>();
}

}  // namespace gradient_check
