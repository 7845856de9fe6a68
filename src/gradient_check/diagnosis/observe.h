#pragma once

#include <cstdint>
#include <optional>

#include "gradient_check/case/case.h"
#include "gradient_check/diagnosis/evidence.h"
#include "gradient_check/diagnosis/training_result.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// How a subject is checked.
struct CheckSettings {
  at::ScalarType dtype = at::kFloat;  ///< the manual code's
  std::uint64_t seed = 0;
  CheckOptions options;
  std::optional<TrainOptions> train;
  /// The subject is made of another one's derivatives: of what that one detaches nothing is said.
  bool derived = false;
};

struct Observation {
  Evidence evidence;
  LossValues loss;
  std::optional<TrainingResult> training;
  /// Whether the forward is finite and a function of its inputs, so that it has derivatives of its
  /// derivatives.
  bool can_derive = false;
  at::Tensor output;  ///< the forward's, in float64
};

/// Evaluates a subject every way there is and compares: the manual code in its dtype and in
/// float64, autograd in both, finite differences, a second cotangent, each twice where that tells
/// something. Throws SubjectError where the subject cannot be evaluated.
Observation observe(const Subject& subject, const CheckSettings& settings);

/// Manual against autograd alone, without finite differences and without asking who is to blame:
/// what decides whether an edited program, whose forward is the same, passes.
Observation compare_only(const Subject& subject, const CheckSettings& settings);

}  // namespace gradient_check
