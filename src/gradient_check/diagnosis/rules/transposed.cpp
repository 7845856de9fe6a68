#include <fmt/format.h>

#include "gradient_check/diagnosis/culprit_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace transposed {

constexpr const char* page =
    R"(A matrix, or the gradient itself, is transposed and should not be, or the other way round. Where matrices
are square the shapes cannot tell.

Example:   d_x = d_y @ w                (of y = x @ w)
Instead:   d_x = d_y @ w.t()
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  std::vector<Finding> findings;
  for (const Culprit& culprit : evidence.culprits) {
    if (culprit.change != Change::transpose || has_other_shape(culprit)) continue;
    const bool whole = culprit.after.empty();
    findings.push_back(finding_about(
        transposed_rule, culprit,
        whole ? fmt::format("{} is the transpose of {}", value_words(culprit), truth_words(culprit))
              : fmt::format("in {}, `{}` is transposed wrongly: `{}` gives {}", culprit.subject,
                            culprit.before, culprit.after, truth_words(culprit)),
        "transpose it"));
  }
  return findings;
}

}  // namespace transposed

const Rule transposed_rule{"transposed",
                           "a matrix is transposed where it should not be, or not where "
                           "it should",
                           transposed::page, transposed::check};

}  // namespace gradient_check
