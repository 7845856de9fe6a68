#include <fmt/format.h>

#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/training/training.h"
#include "gradient_check/diagnosis/training_finding.h"

namespace gradient_check {
namespace learning_rate_too_large {

constexpr const char* page =
    R"(The gradient is right, and the steps along it are too long: each lands further from the minimum than the
one before. On a loss of largest curvature λ (the largest eigenvalue of its Hessian), gradient descent is
stable for learning rates below 2 / λ, or 2 (1 + β) / λ with momentum β.

Example:   w -= 0.1 * d_w                 with inputs of size 100: λ is about 2 · 100²
Instead:   a smaller learning rate, or inputs scaled to mean 0 and variance 1
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  if (!evidence.training || evidence.training->cause != TrainingCause::learning_rate_too_large)
    return {};
  const TrainingEvidence& training = *evidence.training;
  const double rate = training.options.learning_rate;
  Finding finding = training_finding(
      learning_rate_too_large_rule, evidence, "learning_rate",
      training.stable_rate && *training.stable_rate < rate
          ? fmt::format("the learning rate {:g} is too large: the curvature of the loss at the "
                        "start, {:.3g}, "
                        "allows {:.2g} at most",
                        rate, *training.curvature, *training.stable_rate)
          : fmt::format("the learning rate {:g} is too large for this loss", rate),
      training.stable_rate && *training.stable_rate < rate
          ? fmt::format(
                "a learning rate of {:.1g} or less, or inputs scaled to mean 0 and variance 1",
                *training.stable_rate / 2)
          : "a smaller learning rate, or inputs scaled to mean 0 and variance 1");
  if (training.stable_rate) finding.evidence["stable_learning_rate"] = *training.stable_rate;
  return {finding};
}

}  // namespace learning_rate_too_large

const Rule learning_rate_too_large_rule{
    "learning-rate-too-large", "the learning rate is larger than the loss is smooth",
    learning_rate_too_large::page, learning_rate_too_large::check};

}  // namespace gradient_check
