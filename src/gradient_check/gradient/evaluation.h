#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/gradient/scan.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// Output and gradients of one evaluation. A gradient may be undefined or absent.
struct Evaluation {
  at::Tensor output;
  NamedTensors gradients;
  /// Of autograd's: whether the forward detaches what a gradient would have flown through, and the
  /// tensors that the graph does not reach, whose gradients are zeros for that reason.
  bool detaches = false;
  std::vector<std::string> unreached = {};
};

/// Whether output and gradients hold neither nan nor an infinity.
bool is_finite(const Evaluation& evaluation);

/// The inputs and parameters of a subject, the floating ones cloned to `dtype`, in LibTorch's
/// contiguous layout.
NamedTensors values_in(const Subject& subject, at::ScalarType dtype);
/// The same for a subject that only reads them: its own tensors where they fit as they are.
NamedTensors views_in(const Subject& subject, at::ScalarType dtype);
/// A deep copy.
NamedTensors clone(const NamedTensors& values);
/// Names of the tensors whose contents differ between two sets of the same names. NaN equals NaN.
std::vector<std::string> changed(const NamedTensors& before, const NamedTensors& after);

/// Seeds LibTorch's CPU generator, so that a forward that draws numbers draws the same each time.
void seed_generator(std::uint64_t seed);
/// The state of that generator: another one once numbers were drawn.
at::Tensor generator_state();

/// The manual code, autograd disabled, in the dtype of `values`.
Evaluation run_manual(const Subject& subject, const NamedTensors& values,
                      const at::Tensor& grad_output, at::ScalarType dtype);

/// LibTorch autograd's gradients of sum(forward * grad_output) for the tensors named `targets`, in
/// the dtype of `values`. A tensor the output does not depend on gets zeros. `writes`: the forward
/// may write into its arguments.
Evaluation run_autograd(const Subject& subject, const NamedTensors& values,
                        const std::vector<std::string>& targets, const at::Tensor& grad_output,
                        at::ScalarType dtype, bool writes = true);

/// The forward alone, autograd disabled.
at::Tensor run_forward(const Subject& subject, const NamedTensors& values, at::ScalarType dtype);

}  // namespace gradient_check
