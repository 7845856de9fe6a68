#include <fmt/format.h>

#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/training/training.h"
#include "gradient_check/diagnosis/training_finding.h"

namespace gradient_check {
namespace exploding_gradient {

constexpr const char* page =
    R"(The gradient is right and huge: it is a product of one factor for each layer, or each time step, and the
factors are larger than 1. No learning rate suits all parameters.

Example:   for t in range(100): h = h @ w              with weights of spectral norm above 1
Instead:   scale the initial weights (xavier, kaiming, orthogonal), clip the gradient's norm, normalise the
           layers, or use gates (lstm, gru)
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  if (!evidence.training || evidence.training->cause != TrainingCause::exploding_gradient)
    return {};
  const TrainingEvidence& training = *evidence.training;
  Finding finding = training_finding(
      exploding_gradient_rule, evidence, "training",
      fmt::format("the gradient is right and explodes: its norm is {:.3g} at the start, an update "
                  "of {:.3g}",
                  training.gradient_norm, training.gradient_norm * training.options.learning_rate),
      "scale the initial weights, clip the gradient's norm, or normalise the layers");
  finding.evidence["gradient_norm"] = training.gradient_norm;
  return {finding};
}

}  // namespace exploding_gradient

const Rule exploding_gradient_rule{
    "exploding-gradient", "the gradient is so large that no usable learning rate can take it",
    exploding_gradient::page, exploding_gradient::check};

}  // namespace gradient_check
