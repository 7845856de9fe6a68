#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "gradient_check/comparison/tolerance.h"

namespace gradient_check {

/// The elements of a tensor as doubles, in row-major order; empty for an undefined tensor.
std::vector<double> elements_of(const at::Tensor& tensor);

/// The elements of a tensor read as doubles, in row-major order, without a copy of them where the
/// tensor is contiguous and of float32 or float64; none for an undefined tensor.
class Elements {
 public:
  Elements() = default;
  explicit Elements(const at::Tensor& tensor);

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  double operator[](std::size_t i) const {
    return doubles_ ? doubles_[i] : static_cast<double>(floats_[i]);
  }

 private:
  at::Tensor kept_;
  const double* doubles_ = nullptr;
  const float* floats_ = nullptr;
  std::size_t size_ = 0;
};

/// The flat index of an element as one index per dimension.
std::vector<std::int64_t> unravel(std::int64_t flat, const std::vector<std::int64_t>& shape);

/// Whether a and b agree: NaN first (equal to nothing), then infinities (equal to themselves), then
/// |a - b| ≤ absolute + rtol |b|.
bool agrees(double a, double b, double absolute, double rtol);

/// The largest differences between two gradients' elements.
struct LargestErrors {
  double absolute = 0;    ///< NaN where one of them is
  double relative = 0;    ///< to b's element
  std::size_t worst = 0;  ///< the element with the largest absolute one, the first that is NaN
};

/// Of `a` from `b`. Infinities that are the same differ by nothing.
LargestErrors largest_errors(const Elements& a, const Elements& b);

/// Flat indices where the manual gradient is not autograd's. The manual code's run in float64
/// decides where there is one: it holds the formula alone, without the dtype's rounding. A value
/// that is not finite in the case's dtype is never equal to one that is.
std::vector<std::int64_t> differing_elements(const GradientSources& sources,
                                             const Tolerances& tolerances);

/// Flat indices of the other elements whose difference is large beside the element itself.
std::vector<std::int64_t> doubtful_elements(const GradientSources& sources,
                                            const Tolerances& tolerances);

}  // namespace gradient_check
