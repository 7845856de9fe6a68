#include <fmt/format.h>

#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/training/training.h"
#include "gradient_check/diagnosis/training_finding.h"

namespace gradient_check {
namespace saturated {

constexpr const char* page =
    R"(A sigmoid above 16.6 is exactly 1 in float32, a tanh above 9; before that their slopes are next to nothing.
What lies before such an activation gets no gradient and does not learn.

Example:   torch.sigmoid(x @ w)           with inputs of size 1000
Instead:   inputs scaled to mean 0 and variance 1, smaller initial weights, a normalised layer before it
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  if (!evidence.training || evidence.training->cause != TrainingCause::saturated) return {};
  std::vector<Finding> findings;
  for (const StuckUnits& units : evidence.training->saturated) {
    findings.push_back(training_finding(
        saturated_rule, evidence, units.text.empty() ? units.op : units.text,
        fmt::format("{} is saturated: its slope is below 1e-4 at {} of {} elements, and the loss "
                    "stands still",
                    units.text.empty() ? units.op : "`" + units.text + "`", units.stuck,
                    units.elements),
        "scale the inputs to mean 0 and variance 1, or make the initial weights smaller"));
    findings.back().place = units.place;
  }
  return findings;
}

}  // namespace saturated

const Rule saturated_rule{"saturated", "an activation is so far out that its slope is 0",
                          saturated::page, saturated::check};

}  // namespace gradient_check
