#include <fmt/format.h>

#include <algorithm>

#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace grad_output_ignored {

constexpr const char* page =
    R"(A backward receives the gradient of what comes after it, grad_output, and multiplies by it (the chain
rule). One that leaves it out, or fixes it at 1, is right only when the output is the loss itself.

Example:   return {"x": 2 * x}
Instead:   return {"x": 2 * x * grad_output}
)";

/// Whether the gradient agreed at the first cotangent.
bool right_for_ones(const Evidence& evidence, const std::string& name) {
  for (const TensorComparison& tensor : evidence.tensors)
    if (tensor.result.name == name) return tensor.mismatched.empty();
  return false;
}

/// Whether a fix that was verified, with other cotangents too, covers that gradient.
bool is_put_right(const Evidence& evidence, const std::string& name) {
  for (const Culprit& culprit : evidence.culprits)
    if (culprit.fix && culprit.fix->verified &&
        std::find(culprit.gradients.begin(), culprit.gradients.end(), name) !=
            culprit.gradients.end())
      return true;
  return false;
}

/// Whether some gradient answers to grad_output: then it is a statement that loses it.
bool is_used(const Evidence& evidence) {
  return std::any_of(evidence.cotangents.begin(), evidence.cotangents.end(),
                     [](const CotangentResponse& response) { return !response.unchanged; });
}

/// Whether a factor that is missing on the way says why.
bool lacks_a_factor(const Evidence& evidence, const std::string& name) {
  return std::any_of(evidence.culprits.begin(), evidence.culprits.end(), [&](const Culprit& c) {
    return c.change == Change::missing_factor &&
           std::find(c.gradients.begin(), c.gradients.end(), name) != c.gradients.end();
  });
}

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>& so_far) {
  if (!evidence.takes_grad_output && !evidence.output_is_scalar) {
    Finding finding;
    finding.rule = grad_output_ignored_rule.id;
    finding.subject = "grad_output";
    finding.message = fmt::format(
        "the output has shape {}, and the backward has no argument grad_output to say how much "
        "each "
        "of its elements counts",
        index_text(evidence.output_shape));
    finding.place = evidence.gradient_place("");
    finding.help = "add an argument grad_output, of the output's shape, and multiply by it";
    return {finding};
  }
  std::vector<Finding> findings;
  for (const CotangentResponse& response : evidence.cotangents) {
    if (response.right || is_explained(so_far, response.name)) continue;
    if (is_put_right(evidence, response.name) ||
        (is_used(evidence) && lacks_a_factor(evidence, response.name)))
      continue;
    if (!response.unchanged && !right_for_ones(evidence, response.name)) continue;
    Finding finding;
    finding.rule = grad_output_ignored_rule.id;
    finding.subject = response.name;
    finding.message =
        response.unchanged
            ? fmt::format("the gradient of {} is the same for every grad_output", response.name)
            : fmt::format("the gradient of {} is right for one grad_output and wrong for another",
                          response.name);
    finding.place = evidence.gradient_place(response.name);
    finding.evidence = {{"unchanged", response.unchanged}};
    finding.help = "a backward is linear in grad_output: multiply by it exactly once";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace grad_output_ignored

const Rule grad_output_ignored_rule{"grad-output-ignored",
                                    "the backward does not depend on grad_output",
                                    grad_output_ignored::page, grad_output_ignored::check};

}  // namespace gradient_check
