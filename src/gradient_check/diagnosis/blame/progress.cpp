#include "gradient_check/diagnosis/blame/progress.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>

#include "gradient_check/comparison/elements.h"
#include "gradient_check/diagnosis/blame/known_values.h"
#include "gradient_check/gradient/scan.h"

namespace gradient_check {
namespace {

/// Whether the elements are not all zeros and one number: a mask is a multiple of every other.
bool is_varied(const at::Tensor& tensor, double largest) {
  for (const double value : elements_of(tensor))
    if (value != 0 && std::abs(std::abs(value) - largest) > 1e-6 * largest) return true;
  return false;
}

}  // namespace

std::int64_t elements_righted(const at::Tensor& before, const at::Tensor& after,
                              const at::Tensor& truth, double tolerance) {
  if (!after.defined() || !before.defined() || after.sizes() != truth.sizes() ||
      before.sizes() != truth.sizes() || !after.is_floating_point())
    return 0;
  const double largest = largest_magnitude(truth);
  if (proportion(before, truth, tolerance) == 0 && proportion(after, truth, tolerance) != 0)
    return is_varied(truth, largest) ? truth.numel() : 0;
  const std::vector<double> old = elements_of(before), now = elements_of(after),
                            right = elements_of(truth);
  const double allowed = tolerance * largest;
  std::int64_t righted = 0;
  for (std::size_t i = 0; i < right.size(); ++i) {
    const bool was_right = std::abs(old[i] - right[i]) <= allowed;
    const bool is_right = std::abs(now[i] - right[i]) <= allowed;
    if (was_right && !is_right) return 0;
    if (is_right && !was_right && std::abs(right[i]) > allowed) ++righted;
  }
  return righted;
}

bool is_telling(std::int64_t righted, const at::Tensor& truth) {
  return righted >= std::max<std::int64_t>(3, truth.numel() / 8);
}

std::optional<double> affine_solution(const at::Tensor& zero, const at::Tensor& one,
                                      const at::Tensor& truth) {
  if (!zero.defined() || !one.defined() || zero.sizes() != truth.sizes() || truth.numel() < 2 ||
      one.sizes() != zero.sizes() || !zero.is_floating_point() || !one.is_floating_point())
    return std::nullopt;
  const at::Tensor slope = (one - zero).to(at::kDouble);
  const double square = (slope * slope).sum().item<double>();
  if (!(square > 0)) return std::nullopt;
  const double k = ((truth - zero) * slope).sum().item<double>() / square;
  return std::isfinite(k) ? std::optional(k) : std::nullopt;
}

}  // namespace gradient_check
