#include "gradient_check/diagnosis/birth_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace empty_reduction {

constexpr const char* page =
    R"(The mean of no elements is 0 / 0; the unbiased variance of one element is 0 / 0 too. A selection that matched
nothing, a batch in which every target is ignored, a batch of one.

Example:   loss[mask].mean();   x.std(0)                with one row
Instead:   loss[mask].sum() / mask.sum().clamp_min(1);   x.std(0, unbiased=False)
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  return birth_findings(empty_reduction_rule, Cause::empty_reduction, evidence,
                        "a mean over nothing",
                        "divide the sum by the count, clamped to at least 1; unbiased=False for "
                        "the variance of one element");
}

}  // namespace empty_reduction

const Rule empty_reduction_rule{"empty-reduction", "a mean, a variance or a loss over no element",
                                empty_reduction::page, empty_reduction::check};

}  // namespace gradient_check
