#include "gradient_check/diagnosis/birth_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace zero_times_infinity {

constexpr const char* page =
    R"(0 · inf is nan. A mask that multiplies does not hide an infinite value, it turns it into nan.

Example:   mask * scores                        with scores of -inf where the mask is 0
Instead:   torch.where(mask > 0, scores, torch.zeros_like(scores)), and no infinity where it is finite
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  return birth_findings(
      zero_times_infinity_rule, Cause::zero_times_infinity, evidence, "0 times an infinity",
      "select with torch.where, or masked_fill, instead of multiplying by a mask");
}

}  // namespace zero_times_infinity

const Rule zero_times_infinity_rule{"zero-times-infinity", "0 times an infinity gives nan",
                                    zero_times_infinity::page, zero_times_infinity::check};

}  // namespace gradient_check
