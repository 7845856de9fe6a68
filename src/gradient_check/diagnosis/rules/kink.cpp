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

/// So many kinks meet at the point that autograd was certified beside it.
Finding certified_nearby(const Evidence& evidence, const GradientResult& result) {
  Finding finding;
  finding.rule = kink_rule.id;
  finding.severity = Severity::note;
  finding.subject = result.name;
  finding.message = fmt::format(
      "the point lies on kinks, where several slopes are right: autograd is certified {:g} of the "
      "tensors' size away, where one is",
      *result.certificate.distance);
  finding.place = evidence.gradient_place(result.name);
  finding.evidence = {{"distance", *result.certificate.distance}};
  return finding;
}

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  std::vector<Finding> findings;
  for (const TensorComparison& tensor : evidence.tensors) {
    if (findings.empty() && tensor.result.certificate.distance &&
        tensor.result.verdict == TensorVerdict::match)
      findings.push_back(certified_nearby(evidence, tensor.result));  // said once for all of them
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
