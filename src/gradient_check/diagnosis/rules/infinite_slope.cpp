#include "gradient_check/diagnosis/birth_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace infinite_slope {

constexpr const char* page =
    R"(The value is fine, the derivative is not: sqrt at 0 has slope inf, and so have pow(x, p) with p < 1 at 0, acos
at 1, a norm written by hand at the zero vector. Autograd multiplies that slope by the gradient that arrives:
inf, or 0 · inf = nan. torch.where does not help: the gradient that arrives at the branch not taken is 0, and
0 · inf is nan.

Example:   torch.where(x > 0, torch.sqrt(x), torch.zeros_like(x))
Instead:   the double where: safe = torch.where(x > 0, x, torch.ones_like(x));
           torch.where(x > 0, torch.sqrt(safe), torch.zeros_like(x))
           torch.sqrt(x + 1e-12) where there is no branch
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  return birth_findings(infinite_slope_rule, Cause::infinite_slope, evidence, "an infinite slope",
                        "keep the argument away from that point: an eps inside the root, a clamp, "
                        "or a torch.where on the argument as well as on the result");
}

}  // namespace infinite_slope

const Rule infinite_slope_rule{
    "infinite-slope",
    "the derivative is infinite at a point where the value is not, or the value is discarded",
    infinite_slope::page, infinite_slope::check};

}  // namespace gradient_check
