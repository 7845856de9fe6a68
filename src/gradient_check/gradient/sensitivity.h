#pragma once

#include <string>
#include <vector>

#include "gradient_check/gradient/evaluation.h"

namespace gradient_check {

/// Autograd's gradients, and how strongly f reacts to the rounding of what it is computed from.
struct WatchedGradients {
  Evaluation evaluation;
  double sensitivity = 0;
};

/// How strongly the scalar under test, f = sum(forward * grad_output), reacts to the rounding of
/// its intermediate values: sqrt(Σ (v ∂f/∂v)²) over every element v that an operation of the
/// forward makes, in float64. Times the unit roundoff it is the standard deviation of f's own
/// rounding error, were each v rounded once and independently of the others (running error
/// analysis: Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., §3.3). It sees what
/// points nearby do not show: a probability beside 1 that is subtracted from 1.
/// `values` in float64, which the forward may write into where `writes`; 0 where no target is
/// differentiable or autograd gives no finite numbers.
double rounding_sensitivity(const Subject& subject, const NamedTensors& values,
                            const std::vector<std::string>& targets, const at::Tensor& grad_output,
                            bool writes = true);

/// Both in one evaluation (see run_autograd).
WatchedGradients run_watched_autograd(const Subject& subject, const NamedTensors& values,
                                      const std::vector<std::string>& targets,
                                      const at::Tensor& grad_output, bool writes = true);

}  // namespace gradient_check
