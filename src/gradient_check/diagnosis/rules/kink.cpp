#include <fmt/format.h>

#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace kink {

constexpr const char* page =
    R"(The function has two one-sided slopes here: relu at 0, abs at 0, clamp at its edge, a maximum with a
tie. Every value between the two is a valid subgradient. Manual code and autograd lie between them.

Move the point off the kink if you want the choice itself to be checked.
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  std::vector<Finding> findings;
  for (const TensorComparison& tensor : evidence.tensors) {
    if (tensor.kinks.empty() || tensor.result.verdict == TensorVerdict::mismatch) continue;
    Finding finding;
    finding.rule = kink_rule.id;
    finding.severity = tensor.kink_choices_differ ? Severity::warning : Severity::note;
    finding.subject = tensor.result.name;
    const std::vector<std::int64_t> first = unravel(tensor.kinks.front(), tensor.result.shape);
    finding.message = fmt::format(
        "{} lies on a kink at {}{}: {}", tensor.result.name, index_text(first),
        tensor.kinks.size() > 1 ? fmt::format(" and {} more", tensor.kinks.size() - 1) : "",
        tensor.kink_choices_differ
            ? "manual and autograd take different slopes, both valid"
            : "its two one-sided slopes differ, and the gradient lies between");
    finding.place = evidence.gradient_place(tensor.result.name);
    finding.evidence = {{"elements", tensor.kinks.size()}, {"index", first}};
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace kink

const Rule kink_rule{"kink", "the point lies on a kink, where several slopes are right", kink::page,
                     kink::check};

}  // namespace gradient_check
