#pragma once

#include <ATen/core/Tensor.h>

#include "gradient_check/case/case.h"
#include "gradient_check/gradient/dtype_limits.h"
#include "gradient_check/gradient/evaluations.h"

namespace gradient_check {

/// The gradient of one tensor from every evaluation. Undefined where an evaluation was not
/// possible.
struct GradientSources {
  at::Tensor manual;          ///< in the case's dtype
  at::Tensor manual_double;   ///< the manual code run in float64
  at::Tensor autograd;        ///< the truth that manual is held against: float64
  Extent extent;              ///< of autograd
  GradientRounding in_case;   ///< autograd in the case's dtype: how much rounding that causes
  GradientRounding in_float;  ///< in float32: how much this computation amplifies rounding
};

/// How far from autograd's float64 gradient each source may lie for the two to count as equal.
///
/// The rounding of this computation is measured, not guessed: autograd in a narrower dtype against
/// autograd in float64 gives the amplification, which scales with the dtype's ε (Higham, Accuracy
/// and Stability of Numerical Algorithms, §1.6). rtol and atol are the user's, added on top.
struct Tolerances {
  double formula = 0;    ///< manual run in float64: a larger difference is an error in the formula
  double reference = 0;  ///< autograd in float64: its own rounding
  double rounding = 0;   ///< manual in the case's dtype: a larger difference is lost precision
  double rtol = 0;
  double atol = 0;
  double overall = 0;   ///< the largest |gradient| of the case
  double promised = 0;  ///< a larger difference must never be missed (see detection_limit)
};

/// How large a difference beside an element itself raises doubts, where it is within the tensor's
/// tolerance: one that only what rounding does to this very element can explain. Relative.
double doubt_limit(const GradientSources& sources);

/// `unit` is ε of the narrowest dtype that the float64 run computes in; `overall` the largest
/// |gradient| over all tensors of the case: cancellation happens on its scale.
Tolerances measure_tolerances(const GradientSources& sources, at::ScalarType dtype, double unit,
                              double overall, const CheckOptions& options);

/// The gradient of that tensor from every evaluation, and how far apart its sources may lie.
GradientSources sources_of(const Evaluations& evaluations, const std::string& name);
Tolerances tolerances_of(const Evaluations& evaluations, const GradientSources& sources,
                         const CheckOptions& options);

}  // namespace gradient_check
