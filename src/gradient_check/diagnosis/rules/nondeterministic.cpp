#include <fmt/format.h>

#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace nondeterministic {

constexpr const char* page =
    R"(The forward, or the manual backward, gives two answers for the same input. A difference between two
random answers says nothing about a gradient, so neither does a comparison.

Example:   h = torch.dropout(h, 0.5, True)
Instead:   draw the mask once, outside, and make it an input of the case.
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  std::vector<Finding> findings;
  const auto add = [&](std::string subject, std::string message, std::optional<Place> place) {
    Finding finding;
    finding.rule = nondeterministic_rule.id;
    finding.subject = std::move(subject);
    finding.message = std::move(message);
    finding.place = std::move(place);
    finding.help = "draw random numbers once, outside of the computation, and make them an input";
    findings.push_back(std::move(finding));
  };
  if (evidence.forward_random)
    add("forward", "the forward gives two different answers for the same input",
        evidence.forward_place);
  if (!evidence.forward_random)
    for (const std::string& name : evidence.random_gradients)
      add(name,
          fmt::format("the manual gradient of {} is different each time it is computed", name),
          evidence.gradient_place(name));
  return findings;
}

}  // namespace nondeterministic

const Rule nondeterministic_rule{"nondeterministic", "two evaluations of one point differ",
                                 nondeterministic::page, nondeterministic::check};

}  // namespace gradient_check
