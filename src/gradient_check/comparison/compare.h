#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gradient_check/comparison/gradient_result.h"
#include "gradient_check/comparison/tolerance.h"
#include "gradient_check/gradient/objective.h"

namespace gradient_check {

/// One tensor's comparison: what is reported, and what diagnosis works from.
struct TensorComparison {
  GradientResult result;
  GradientSources sources;
  Tolerances tolerances;
  std::vector<std::int64_t> mismatched;  ///< flat indices where manual and autograd differ
  std::vector<std::int64_t> kinks;       ///< flat indices at a kink
  bool kink_choices_differ = false;      ///< manual and autograd take different subgradients there
  bool loses_precision = false;          ///< right in float64, off in the case's dtype
  bool shape_differs = false;
};

/// How many elements finite differences may cover, over all tensors of a case.
struct FiniteDifferencePlan {
  FiniteDifferenceMode mode = FiniteDifferenceMode::automatic;
  std::int64_t budget = 4096;
  std::uint64_t seed = 0;
};

/// Compares one tensor's gradient three ways (the table of §6). `objective` may be null: finite
/// differences are then off. `share` is the number of elements that may be perturbed. `is_zero_like`
/// says that autograd's gradient is itself only rounding.
TensorComparison compare_gradient(const std::string& name, const GradientSources& sources,
                                  const Tolerances& tolerances, Objective* objective,
                                  std::int64_t share, std::uint64_t seed);

/// The flat index of an element as one index per dimension.
std::vector<std::int64_t> unravel(std::int64_t flat, const std::vector<std::int64_t>& shape);

}  // namespace gradient_check
