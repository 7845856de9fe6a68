#include "gradient_check/diagnosis/birth_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace infinity_minus_infinity {

constexpr const char* page =
    R"(inf - inf is nan. A softmax that subtracts the largest element has it where all elements are -inf, or one
is inf; a sum has it where it meets inf and -inf.

Example:   torch.exp(s - s.max())               with every element of s -inf
Instead:   give every row one element that is not masked, or use a large negative number for the mask
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  return birth_findings(infinity_minus_infinity_rule, Cause::infinity_minus_infinity, evidence,
                        "an infinity minus an infinity",
                        "keep infinities out of it: mask with a large negative number, or exclude "
                        "rows in which everything is masked");
}

}  // namespace infinity_minus_infinity

const Rule infinity_minus_infinity_rule{"infinity-minus-infinity", "inf - inf gives nan",
                                        infinity_minus_infinity::page,
                                        infinity_minus_infinity::check};

}  // namespace gradient_check
