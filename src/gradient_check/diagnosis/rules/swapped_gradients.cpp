#include <fmt/format.h>

#include "gradient_check/diagnosis/culprit_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace swapped_gradients {

constexpr const char* page =
    R"(Two gradients of one shape are returned under each other's names.

Example:   return loss, {"w1": d_w2, "w2": d_w1}
Instead:   return loss, {"w1": d_w1, "w2": d_w2}
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  std::vector<Finding> findings;
  for (const Culprit& culprit : evidence.culprits) {
    if (culprit.change != Change::swap) continue;
    findings.push_back(finding_about(
        swapped_gradients_rule, culprit,
        fmt::format("the gradients of {} and {} are exchanged", culprit.before, culprit.after),
        fmt::format("return each under its own name: {} has the gradient of {}", culprit.before,
                    culprit.after)));
    findings.back().evidence["exchanged"] = {culprit.before, culprit.after};
  }
  return findings;
}

}  // namespace swapped_gradients

const Rule swapped_gradients_rule{"swapped-gradients",
                                  "two gradients are returned under each other's names",
                                  swapped_gradients::page, swapped_gradients::check};

}  // namespace gradient_check
