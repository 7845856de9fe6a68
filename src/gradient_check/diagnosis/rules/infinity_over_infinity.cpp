#include "gradient_check/diagnosis/birth_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace infinity_over_infinity {

constexpr const char* page =
    R"(inf / inf is nan. Both grew without bound: a softmax by hand without subtracting the maximum, a ratio of two
exponentials or of two sums that overflow.

Example:   torch.exp(z) / torch.exp(z).sum()
Instead:   torch.softmax(z, 0)
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  return birth_findings(infinity_over_infinity_rule, Cause::infinity_over_infinity, evidence,
                        "an infinity divided by an infinity",
                        "divide before either side overflows: subtract the largest exponent, or "
                        "work with logarithms");
}

}  // namespace infinity_over_infinity

const Rule infinity_over_infinity_rule{"infinity-over-infinity", "inf / inf gives nan",
                                       infinity_over_infinity::page, infinity_over_infinity::check};

}  // namespace gradient_check
