#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "gradient_check/gradient/evaluation.h"
#include "gradient_check/gradient/narrow_probe.h"
#include "gradient_check/gradient/objective.h"
#include "gradient_check/gradient/rounding.h"
#include "gradient_check/subject/reduced_precision.h"

namespace gradient_check {

/// A cotangent of magnitude 0.5 to 1.5 and random sign, so that no element is hidden by a factor
/// near 0; rounded to `dtype`, so that every source is given the same one. float64.
at::Tensor draw_cotangent(at::IntArrayRef sizes, at::ScalarType dtype, std::uint64_t seed);

/// The cotangent that a subject with this output is checked at: 1 for a scalar, else drawn.
/// float64.
at::Tensor case_cotangent(const at::Tensor& output, at::ScalarType dtype, std::uint64_t seed);

/// A point beside a subject's own, and autograd's float64 gradients there.
struct PointNearby {
  NamedTensors values, gradients;
};

/// All evaluations of a subject at its point and cotangent, in the order in which they depend on
/// one another: the forward, the manual code in its dtype and in float64, autograd in both.
class Evaluations {
 public:
  /// `watched`: also how strongly the output reacts to rounding, which finite differences ask.
  /// Throws SubjectError where the subject cannot be evaluated.
  Evaluations(const Subject& subject, at::ScalarType dtype, std::uint64_t seed,
              bool watched = true);

  const Subject& subject;
  const at::ScalarType dtype;  ///< the manual code's
  const std::uint64_t seed;
  /// Inputs and parameters, the floating ones in float64; a pure subject's own where they are that.
  const NamedTensors values;
  EvaluationManner manner;
  std::optional<SeenAtPoint> seen;  ///< where it was watched
  at::Tensor cotangent;             ///< float64, of the output's shape; 1 for a scalar
  std::vector<std::string>
      targets;  ///< what is differentiated: parameters, and inputs with a gradient
  Evaluation manual, manual_double, autograd;
  Rounding in_float, in_case;             ///< autograd in float32 and in the manual code's dtype
  std::map<std::string, Extent> extents;  ///< of autograd's gradients
  double largest_gradient = 0;            ///< the largest of them

  bool forward_random = false;
  std::vector<std::string> random_gradients;
  std::vector<std::string> changed_by_forward, changed_by_manual;
  std::optional<NarrowOperation> narrow;

  /// Whether autograd's output and gradients in the case's dtype are finite.
  bool case_is_finite() const { return in_case.finite; }
  /// The same in float64.
  bool reference_is_finite() const { return reference_is_finite_; }
  bool has_gradient(const std::string& name) const;
  /// The manual code at another cotangent (float64), in `evaluated_dtype`.
  Evaluation manual_at(const at::Tensor& other, at::ScalarType evaluated_dtype) const;
  /// Autograd at another cotangent, in `evaluated_dtype`.
  Evaluation autograd_at(const at::Tensor& other, at::ScalarType evaluated_dtype) const;
  /// Autograd's float64 gradients at `count` points beside the case's: each element of a variable
  /// is moved by `distance` times its own size, normally distributed; one that is 0 by as much as
  /// the smallest that is not.
  std::vector<NamedTensors> gradients_beside(int count, double distance) const;
  /// A point in a random direction, that part of each variable's root mean square away.
  PointNearby nearby(std::mt19937_64& engine, double distance) const;

 private:
  /// Whether the forward may write into its arguments, at this point or at another.
  bool may_write() const { return manner.copy || !subject.pure(); }
  NamedTensors arguments_in(at::ScalarType evaluated_dtype) const;
  NamedTensors gradients_at(const NamedTensors& moved) const;
  at::Tensor probe();
  void evaluate_forward();
  void evaluate_manual();
  void note_random_gradients();
  void note_cotangent_change(const NamedTensors& before);
  void choose_targets();
  void evaluate_reference(bool watched);
  void evaluate_autograd(bool watched);
  Evaluation autograd_in(at::ScalarType narrower) const;

  /// What it gives; where it throws and computes in float16 or bfloat16 what LibTorch's CPU cannot,
  /// what it gives with that computed in float32, as all that follows then is.
  template <typename Evaluate>
  auto with_lacking_operators(const Evaluate& evaluate) const;

  bool reference_is_finite_ = true;
  mutable std::optional<ReducedPrecisionFallback> reduced_;  ///< where one of them is met
};

}  // namespace gradient_check
