#include "gradient_check/diagnosis/birth_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace log_of_negative {

constexpr const char* page =
    R"(The logarithm of a negative number is nan. What is under it can be negative by its formula (a difference,
a linear layer's output) or by rounding (a variance computed as mean(x²) - mean(x)²).

Example:   torch.log(score)                      with score the output of a linear layer
Instead:   torch.nn.functional.softplus(score), or torch.exp(score) where the score is a logarithm already
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  return birth_findings(log_of_negative_rule, Cause::log_of_negative, evidence,
                        "the logarithm of a negative number",
                        "make what is under the logarithm positive by its formula: softplus or exp "
                        "of it, or log1p where it is 1 + x");
}

}  // namespace log_of_negative

const Rule log_of_negative_rule{"log-of-negative", "a logarithm of a negative number gives nan",
                                log_of_negative::page, log_of_negative::check};

}  // namespace gradient_check
