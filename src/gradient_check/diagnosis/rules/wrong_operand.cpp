#include <fmt/format.h>

#include "gradient_check/diagnosis/culprit_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace wrong_operand {

constexpr const char* page =
    R"(Another variable stands where the right one belongs: the slope of an activation taken at its output
instead of its input, the gradient of one layer used for another, the state of another time step. Shapes
agree, so nothing complains.

Example:   d_l1 = d_a1 * sigmoid_slope(a1)
Instead:   d_l1 = d_a1 * sigmoid_slope(l1)
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  std::vector<Finding> findings;
  for (const Culprit& culprit : evidence.culprits) {
    if (culprit.change != Change::operand || has_other_shape(culprit) || is_partly_wrong(culprit))
      continue;
    const std::string where = culprit.within.empty() || culprit.within == culprit.before
                                  ? ""
                                  : fmt::format(" in `{}`", culprit.within);
    findings.push_back(
        finding_about(wrong_operand_rule, culprit,
                      fmt::format("{} takes `{}`{}; `{}` gives {}", culprit.subject, culprit.before,
                                  where, culprit.after, truth_words(culprit)),
                      fmt::format("use {}", culprit.after)));
    findings.back().evidence["found"] = culprit.before;
    findings.back().evidence["expected"] = culprit.after;
  }
  return findings;
}

}  // namespace wrong_operand

const Rule wrong_operand_rule{"wrong-operand",
                              "another variable stands where the right one belongs",
                              wrong_operand::page, wrong_operand::check};

}  // namespace gradient_check
