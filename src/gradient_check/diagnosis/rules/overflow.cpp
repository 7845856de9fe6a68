#include "gradient_check/diagnosis/birth_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace overflow {

constexpr const char* page =
    R"(The result lies above the largest number of its dtype: 3.4e38 in float32 and bfloat16, 1.8e308 in float64,
65504 in float16. Squares, products and sums of large values get there first.

Example:   (x * x).mean()                       in float16, with x above 256
Instead:   compute that part in float32, or divide before squaring: ((x / s) * (x / s)).mean() * (s * s)
In training it is mostly a symptom: values grow from step to step until they overflow.
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  return birth_findings(overflow_rule, Cause::overflow, evidence,
                        "the result is too large for its dtype",
                        "scale the values down before, or compute this part in a wider dtype");
}

}  // namespace overflow

const Rule overflow_rule{"overflow", "a value is larger than its dtype can hold", overflow::page,
                         overflow::check};

}  // namespace gradient_check
