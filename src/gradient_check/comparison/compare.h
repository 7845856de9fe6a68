#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gradient_check/comparison/element_judge.h"
#include "gradient_check/comparison/elements.h"
#include "gradient_check/comparison/gradient_result.h"
#include "gradient_check/comparison/precision.h"
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
  std::vector<Jump> jumps;               ///< where the function jumps
  std::vector<std::int64_t>
      unresolved;  ///< flat indices where no difference could tell who is right
  std::optional<Convention> convention;  ///< what elements are right by that differences contradict
  bool kink_choices_differ = false;      ///< manual and autograd take different subgradients there
  bool other_is_right =
      false;  ///< manual is other than autograd by a jump, a convention or rounding
  PrecisionLoss precision = PrecisionLoss::none;
  bool shape_differs = false;
};

/// What a comparison may use beside the gradients themselves.
struct ComparisonTools {
  Objective* objective = nullptr;  ///< null: finite differences are off
  NearbyGradients nearby;
  Conventions* conventions = nullptr;     ///< null: none is known
  ElementRoundings* roundings = nullptr;  ///< null: no element is doubted for its own size
  /// Where random directions have covered the tensor: what they said.
  std::optional<Certificate> certificate;
  std::vector<std::int64_t> suspects;  ///< and the elements where they do not agree
};

/// Compares one tensor's gradient three ways (the table of §6).
TensorComparison compare_gradient(const std::string& name, const GradientSources& sources,
                                  const Tolerances& tolerances, const ComparisonTools& tools);

/// The comparison of a tensor whose manual gradient is missing or has another shape.
TensorComparison not_comparable(const std::string& name, const GradientSources& sources);

}  // namespace gradient_check
