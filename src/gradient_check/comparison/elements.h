#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "gradient_check/comparison/tolerance.h"

namespace gradient_check {

/// The elements of a tensor as doubles, in row-major order; empty for an undefined tensor.
std::vector<double> elements_of(const at::Tensor& tensor);

/// The flat index of an element as one index per dimension.
std::vector<std::int64_t> unravel(std::int64_t flat, const std::vector<std::int64_t>& shape);

/// Whether a and b agree: NaN first (equal to nothing), then infinities (equal to themselves), then
/// |a - b| ≤ absolute + rtol |b|.
bool agrees(double a, double b, double absolute, double rtol);

/// Flat indices where the manual gradient is not autograd's. The manual code's run in float64
/// decides where there is one: it holds the formula alone, without the dtype's rounding. A value
/// that is not finite in the case's dtype is never equal to one that is.
std::vector<std::int64_t> differing_elements(const GradientSources& sources,
                                             const Tolerances& tolerances);

}  // namespace gradient_check
