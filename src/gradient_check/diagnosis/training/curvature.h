#pragma once

#include <optional>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// autograd's gradients of the subject's parameters at `values`, in float64, for a cotangent of 1.
NamedTensors gradients_at(const Subject& subject, const NamedTensors& values, std::uint64_t seed);

/// The largest eigenvalue, in magnitude, of the loss's Hessian in the parameters at `values`
/// (float64), by power iteration on differences of gradients (Golub & Van Loan, §8.2; Pearlmutter
/// 1994 for the products). Nothing where the gradient does not vary, or is not finite.
std::optional<double> largest_curvature(const Subject& subject, const NamedTensors& values,
                                        std::uint64_t seed);

}  // namespace gradient_check
