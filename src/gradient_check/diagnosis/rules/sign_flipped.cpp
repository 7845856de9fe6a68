#include <fmt/format.h>

#include "gradient_check/diagnosis/culprit_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace sign_flipped {

constexpr const char* page =
    R"(A value is exactly the negative of what it should be, or one of its terms is. Descending along such a
gradient climbs: the loss rises from the first step on.

Example:   d_p = y / p - (1 - y) / (1 - p)         (of loss = -(y log p + (1 - y) log(1 - p)))
Instead:   d_p = (1 - y) / (1 - p) - y / p
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  std::vector<Finding> findings;
  for (const Culprit& culprit : evidence.culprits) {
    if (culprit.change != Change::sign || has_other_shape(culprit) || is_partly_wrong(culprit))
      continue;
    const bool whole = culprit.factor == -1;
    findings.push_back(
        finding_about(sign_flipped_rule, culprit,
                      whole ? fmt::format("{} is -1 times {}: its sign is flipped",
                                          value_words(culprit), truth_words(culprit))
                            : fmt::format("a sign is flipped {}: `{}` gives {}", part_text(culprit),
                                          culprit.after, truth_words(culprit)),
                      "negate it"));
    findings.back().evidence["factor"] = -1;
  }
  return findings;
}

}  // namespace sign_flipped

const Rule sign_flipped_rule{"sign-flipped", "a gradient, or one of its terms, has the wrong sign",
                             sign_flipped::page, sign_flipped::check};

}  // namespace gradient_check
