#pragma once

#include <cstdint>
#include <functional>
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

/// Autograd's gradients of one tensor at points close by, computed when first asked for. At a kink
/// they differ, and their hull holds the subgradients (Clarke, Optimization and Nonsmooth Analysis,
/// §2.5).
using NearbyGradients = std::function<std::vector<at::Tensor>(const std::string& name)>;

/// What a comparison may use beside the gradients themselves.
struct ComparisonTools {
  Objective* objective = nullptr;  ///< null: finite differences are off
  std::int64_t share = 0;          ///< elements that may be perturbed
  std::uint64_t seed = 0;          ///< of the sample where that is not all
  NearbyGradients nearby;
};

/// Compares one tensor's gradient three ways (the table of §6).
TensorComparison compare_gradient(const std::string& name, const GradientSources& sources,
                                  const Tolerances& tolerances, const ComparisonTools& tools);

/// The flat index of an element as one index per dimension.
std::vector<std::int64_t> unravel(std::int64_t flat, const std::vector<std::int64_t>& shape);

}  // namespace gradient_check
