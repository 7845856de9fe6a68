#include <fmt/format.h>

#include "gradient_check/comparison/elements.h"
#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace reference_wrong {

constexpr const char* page =
    R"(Manual code and finite differences agree, and LibTorch autograd differs from both. Autograd then
differentiates another function than the forward computes: a tensor was detached or rebuilt from
numbers, or a custom function's own backward is wrong.

Example:   loss = (pred - target.detach() * pred.detach()).sum()
Instead:   leave detach() out of what the gradient must flow through.
)";

/// Whether manual and autograd agree with each other and finite differences with neither.
bool only_reference_disagrees(const TensorComparison& tensor) {
  return differing_elements(tensor.sources, tensor.tolerances).empty();
}

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>& so_far) {
  std::vector<Finding> findings;
  for (const TensorComparison& tensor : evidence.tensors) {
    const Wrong wrong = tensor.result.wrong;
    if (tensor.result.verdict != TensorVerdict::mismatch || wrong == Wrong::manual ||
        wrong == Wrong::unknown || is_explained(so_far, tensor.result.name))
      continue;
    const bool alone = !tensor.sources.manual.defined();
    if (wrong == Wrong::both && !alone && !only_reference_disagrees(tensor)) continue;
    Finding finding;
    finding.rule = reference_wrong_rule.id;
    finding.subject = tensor.result.name;
    finding.message =
        !alone && wrong == Wrong::autograd
            ? fmt::format(
                  "autograd's gradient of {} is wrong, the manual one agrees with finite "
                  "differences: {}",
                  tensor.result.name, values_text(*tensor.result.worst))
            : fmt::format(
                  "autograd's gradient of {} is not what finite differences of the forward "
                  "give: {}",
                  tensor.result.name, values_text(*tensor.result.worst));
    finding.place = evidence.forward_place;
    finding.evidence = {{"mismatched", tensor.result.mismatched}};
    finding.help =
        "look for detach(), .data, .item() or no_grad in the forward, or for a custom "
        "function whose own backward is wrong";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace reference_wrong

const Rule reference_wrong_rule{"reference-wrong",
                                "autograd is wrong: finite differences side with the manual code",
                                reference_wrong::page, reference_wrong::check};

}  // namespace gradient_check
