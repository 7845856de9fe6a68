#include <fmt/format.h>

#include "gradient_check/diagnosis/culprit_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace wrong_reduction {

constexpr const char* page =
    R"(A sum stands where a mean belongs, or a mean where a sum belongs; or the reduction goes over the wrong
dimension, is missing, or is one too many. What was broadcast in the forward is summed in the backward,
never averaged: the 1/N of a mean is already in the gradient that arrives.

Example:   d_b = d_l.mean(0)
Instead:   d_b = d_l.sum(0)
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  std::vector<Finding> findings;
  for (const Culprit& culprit : evidence.culprits) {
    // An adjoint of another shape is told of as that.
    if (culprit.change != Change::reduction ||
        (has_other_shape(culprit) && !culprit.adjoint_of.empty()))
      continue;
    const bool swapped = culprit.before == "mean" || culprit.before == "sum";
    findings.push_back(finding_about(
        wrong_reduction_rule, culprit,
        swapped ? fmt::format("{} takes a {} where a {} belongs: in `{}`", culprit.subject,
                              culprit.before, culprit.after, culprit.within)
                : fmt::format("in {}, `{}` is reduced wrongly: `{}` gives {}", culprit.subject,
                              culprit.before, culprit.after, truth_words(culprit)),
        fmt::format("use {}", culprit.after)));
  }
  return findings;
}

}  // namespace wrong_reduction

const Rule wrong_reduction_rule{"wrong-reduction",
                                "a sum, mean or their dimension is not what the gradient needs",
                                wrong_reduction::page, wrong_reduction::check};

}  // namespace gradient_check
