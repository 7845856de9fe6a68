#include "gradient_check/diagnosis/birth_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace all_masked {

constexpr const char* page =
    R"(A softmax over nothing but -inf is 0 / 0. A query that may attend to no key, a sequence of padding only.

Example:   torch.softmax(scores.masked_fill(mask, -float("inf")), -1)       with a row of mask all True
Instead:   leave one element of each row unmasked, or torch.where the row's result to 0 and give the softmax
           a row of zeros there
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  return birth_findings(all_masked_rule, Cause::all_masked, evidence,
                        "every element of a row is masked",
                        "leave an element of each row unmasked, or give the softmax zeros in such "
                        "rows and discard the result");
}

}  // namespace all_masked

const Rule all_masked_rule{"all-masked", "every element that a softmax normalises over is -inf",
                           all_masked::page, all_masked::check};

}  // namespace gradient_check
