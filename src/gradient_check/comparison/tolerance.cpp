#include "gradient_check/comparison/tolerance.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <limits>

namespace gradient_check {
namespace {

/// Largest difference of two gradients where both are finite; 0 where one is undefined.
double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  if (!a.defined() || !b.defined() || a.sizes() != b.sizes()) return 0;
  return largest_magnitude(a.to(at::kDouble) - b.to(at::kDouble));
}

}  // namespace

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

Tolerances measure_tolerances(const GradientSources& sources, at::ScalarType dtype, double unit,
                              double overall, const CheckOptions& options) {
  const double largest = largest_magnitude(sources.autograd);
  const double promised = detection_limit(dtype) * largest;
  const double case_unit = epsilon_of(dtype);

  // Rounding in float64: what float32 shows, scaled down; 32 covers another order of operations.
  const double amplified =
      largest_difference(sources.autograd_float, sources.autograd) * (0x1p-52 / 0x1p-23);
  const double narrowed = unit > 0x1p-52 ? 16 * unit * overall : 0;
  const double double_rounding = 32 * amplified + 0x1p-48 * overall + narrowed;
  const double case_rounding =
      8 * largest_difference(sources.autograd_case, sources.autograd) + 4 * case_unit * largest;

  Tolerances tolerances;
  tolerances.rtol = options.rtol;
  tolerances.atol = options.atol;
  tolerances.overall = overall;
  tolerances.reference = double_rounding + 1e-9 * largest;
  // A formula may be off by less than the dtype can show, and never by what we promise to catch.
  const double material = dtype == at::kDouble  ? 0.1 * promised
                          : dtype == at::kFloat ? 0.01 * promised
                                                : 4 * case_unit * largest;
  tolerances.formula = double_rounding + material;
  tolerances.rounding = case_rounding + case_unit * overall;
  return tolerances;
}

}  // namespace gradient_check
