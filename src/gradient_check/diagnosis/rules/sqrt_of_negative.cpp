#include "gradient_check/diagnosis/birth_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace sqrt_of_negative {

constexpr const char* page =
    R"(The root of a negative number is nan. Rounding makes variances and squared distances slightly negative where
they are computed as a difference of large, nearly equal numbers.

Example:   torch.sqrt((x * x).mean(0) - x.mean(0) ** 2)
Instead:   torch.sqrt(((x - x.mean(0)) ** 2).mean(0) + eps)
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  return birth_findings(
      sqrt_of_negative_rule, Cause::sqrt_of_negative, evidence,
      "the square root of a negative number",
      "compute what is under the root as a sum of squares, or clamp it: clamp_min(0) and an eps");
}

}  // namespace sqrt_of_negative

const Rule sqrt_of_negative_rule{"sqrt-of-negative", "a square root of a negative number gives nan",
                                 sqrt_of_negative::page, sqrt_of_negative::check};

}  // namespace gradient_check
