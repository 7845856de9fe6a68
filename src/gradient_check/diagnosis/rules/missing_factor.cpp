#include <fmt/format.h>

#include "gradient_check/diagnosis/culprit_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace missing_factor {

constexpr const char* page =
    R"(The chain rule multiplies by the local derivative of each operation passed. One of these factors is not
there: the slope of an activation, a mask, a scale of the normalisation.

Example:   d_l1 = d_l2 @ w2.t()                       (a1 = sigmoid(l1) stands between)
Instead:   d_l1 = (d_l2 @ w2.t()) * a1 * (1 - a1)
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  std::vector<Finding> findings;
  for (const Culprit& culprit : evidence.culprits) {
    if (culprit.change != Change::missing_factor || has_other_shape(culprit) ||
        is_partly_wrong(culprit))
      continue;
    const bool inverse = culprit.after.rfind("1 / ", 0) == 0;
    findings.push_back(
        finding_about(missing_factor_rule, culprit,
                      inverse ? fmt::format("in {}, `{}` is not divided by `{}`", culprit.subject,
                                            culprit.before, culprit.after.substr(4))
                              : fmt::format("in {}, `{}` lacks the factor `{}`", culprit.subject,
                                            culprit.before, culprit.after),
                      fmt::format("multiply by {}", culprit.after)));
    findings.back().evidence["factor"] = culprit.after;
  }
  return findings;
}

}  // namespace missing_factor

const Rule missing_factor_rule{"missing-factor", "a factor of the chain rule is missing",
                               missing_factor::page, missing_factor::check};

}  // namespace gradient_check
