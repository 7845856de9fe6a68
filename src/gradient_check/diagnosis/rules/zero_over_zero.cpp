#include "gradient_check/diagnosis/birth_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace zero_over_zero {

constexpr const char* page =
    R"(0 / 0 is nan. It is a mean over nothing, a weighted mean whose weights are all 0, a constant column divided
by its standard deviation, or two numbers that both underflowed.

Example:   (w * x).sum() / w.sum()
Instead:   (w * x).sum() / w.sum().clamp_min(1)      for counts; an eps for other weights
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  return birth_findings(zero_over_zero_rule, Cause::zero_over_zero, evidence, "0 divided by 0",
                        "keep the divisor away from 0: clamp_min(1) for a count, an eps inside the "
                        "root for a standard deviation");
}

}  // namespace zero_over_zero

const Rule zero_over_zero_rule{"zero-over-zero", "0 divided by 0 gives nan", zero_over_zero::page,
                               zero_over_zero::check};

}  // namespace gradient_check
