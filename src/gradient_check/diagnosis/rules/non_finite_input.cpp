#include <fmt/format.h>

#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace non_finite_input {

constexpr const char* page =
    R"(An input or parameter holds nan, inf or -inf before anything is computed. Whatever follows is not
finite either, and no gradient can be judged.

Example:   "x": [1.0, "nan"]
Instead:   look at where the data come from: a division by a zero standard deviation, a missing value
           in a table, a checkpoint of a run that had already diverged.
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  std::vector<Finding> findings;
  for (const NonFiniteInput& input : evidence.non_finite_inputs) {
    Finding finding;
    finding.rule = non_finite_input_rule.id;
    finding.subject = input.name;
    if (input.harmless) finding.severity = Severity::note;
    finding.message = fmt::format("{} is {} at {} before anything is computed", input.name,
                                  number_text(input.value), index_text(input.index));
    finding.evidence = {{"index", input.index}, {"value", number_text(input.value)}};
    if (!input.harmless)
      finding.help = "replace the value, or mask the element out before the forward";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace non_finite_input

const Rule non_finite_input_rule{"non-finite-input", "a value of the case is nan or infinite",
                                 non_finite_input::page, non_finite_input::check};

}  // namespace gradient_check
