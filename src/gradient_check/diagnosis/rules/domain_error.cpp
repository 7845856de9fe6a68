#include "gradient_check/diagnosis/birth_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace domain_error {

constexpr const char* page =
    R"(acos and asin need arguments in [-1, 1], atanh, erfinv and acosh theirs, a negative base an integer exponent.
A cosine computed from two vectors can be 1.0000001 by rounding.

Example:   torch.acos((a * b).sum() / (a.norm() * b.norm()))
Instead:   torch.acos(c.clamp(-1 + 1e-7, 1 - 1e-7)), or torch.atan2 of sine and cosine
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  return birth_findings(domain_error_rule, Cause::domain_error, evidence,
                        "an argument outside of the function's domain",
                        "clamp the argument into the domain, a little inside its edges");
}

}  // namespace domain_error

const Rule domain_error_rule{"domain-error",
                             "an argument lies outside of the function's domain, or on its edge",
                             domain_error::page, domain_error::check};

}  // namespace gradient_check
