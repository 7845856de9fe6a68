#include <fmt/format.h>

#include "gradient_check/diagnosis/culprit_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace extra_factor {

constexpr const char* page =
    R"(A factor stands in the product that the chain rule does not have there, most often the slope of an
activation taken twice: once with the loss, where it cancels, and once again.

Example:   d_l2 = (p - y) * p * (1 - p)          (cross-entropy behind a sigmoid: the slope has cancelled)
Instead:   d_l2 = p - y
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  std::vector<Finding> findings;
  for (const Culprit& culprit : evidence.culprits) {
    if (culprit.change != Change::extra_factor || has_other_shape(culprit) ||
        is_partly_wrong(culprit))
      continue;
    findings.push_back(finding_about(
        extra_factor_rule, culprit,
        fmt::format("{} has the factor `{}` too many{}", culprit.subject, culprit.before,
                    culprit.within.empty() ? "" : fmt::format(" in `{}`", culprit.within)),
        fmt::format("leave out {}", culprit.before)));
    findings.back().evidence["factor"] = culprit.before;
  }
  return findings;
}

}  // namespace extra_factor

const Rule extra_factor_rule{"extra-factor",
                             "a factor stands there that the chain rule does not have",
                             extra_factor::page, extra_factor::check};

}  // namespace gradient_check
