#include "gradient_check/diagnosis/birth_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace exp_overflow {

constexpr const char* page =
    R"(exp(x) is inf above 88.7 in float32 (and bfloat16), 709.8 in float64, 11.09 in float16. What follows is inf, inf / inf = nan.

Example:   torch.exp(z) / torch.exp(z).sum(1, keepdim=True);   torch.log(1 + torch.exp(z))
Instead:   torch.softmax(z, 1);   torch.nn.functional.softplus(z)
           torch.logsumexp(z, 1) for torch.log(torch.exp(z).sum(1))
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  return birth_findings(
      exp_overflow_rule, Cause::exp_overflow, evidence, "an exponential overflows",
      "subtract the largest exponent first, or use softmax, logsumexp, softplus, which do");
}

}  // namespace exp_overflow

const Rule exp_overflow_rule{"exp-overflow", "an exponential is larger than its dtype can hold",
                             exp_overflow::page, exp_overflow::check};

}  // namespace gradient_check
