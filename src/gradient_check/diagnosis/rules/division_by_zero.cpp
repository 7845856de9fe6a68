#include "gradient_check/diagnosis/birth_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace division_by_zero {

constexpr const char* page =
    R"(A number divided by 0 is inf. Divisors that become 0: a standard deviation of a constant column, a norm of
a zero vector, a count of nothing, a probability that underflowed.

Example:   x / x.norm(dim=1, keepdim=True)
Instead:   x / x.norm(dim=1, keepdim=True).clamp_min(1e-12), or torch.nn.functional.normalize(x, dim=1)
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  return birth_findings(
      division_by_zero_rule, Cause::division_by_zero, evidence, "a division by 0",
      "keep the divisor away from 0: an eps inside the root that it comes from, or clamp_min");
}

}  // namespace division_by_zero

const Rule division_by_zero_rule{"division-by-zero", "a division by 0 gives inf",
                                 division_by_zero::page, division_by_zero::check};

}  // namespace gradient_check
