#include "gradient_check/diagnosis/birth_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace log_of_zero {

constexpr const char* page =
    R"(The logarithm of 0 is -inf. It is 0 because a probability was rounded to 0 or 1 (in float32 the sigmoid
of 16.64 is exactly 1), or because a count or a product underflowed. One step on, 0 · -inf is nan.

Example:   -torch.mean(y * torch.log(p) + (1 - y) * torch.log(1 - p))        with p = torch.sigmoid(z)
Instead:   torch.nn.functional.binary_cross_entropy_with_logits(z, y)
           torch.log_softmax(z, 1) for torch.log(torch.softmax(z, 1)), torch.xlogy(t, t) for t * torch.log(t)
A clamp or `+ 1e-7` inside the logarithm hides it, and leaves a gradient that is 0 or far too large.
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  return birth_findings(
      log_of_zero_rule, Cause::log_of_zero, evidence, "the logarithm of 0",
      "take the logarithm of what the probability was made of (log_softmax, logsigmoid, "
      "binary_cross_entropy_with_logits), or torch.xlogy for x · log(x)");
}

}  // namespace log_of_zero

const Rule log_of_zero_rule{"log-of-zero", "a logarithm of 0 gives -inf", log_of_zero::page,
                            log_of_zero::check};

}  // namespace gradient_check
