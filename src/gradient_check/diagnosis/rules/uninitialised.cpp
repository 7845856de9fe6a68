#include <fmt/format.h>

#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace uninitialised {

constexpr const char* page =
    R"(A tensor is read before anything was written to it: it holds whatever was in that memory, another
value each time the program is run, sometimes NaN. Here seeded normal numbers of standard deviation 1
take its place, so that the check can be repeated; the program itself has no such luck.

Example:   w1 = torch.Tensor(2, 2)             (torch.empty and np.empty are the same)
Instead:   w1 = torch.randn(2, 2)              or torch.zeros(2), for a bias
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  std::vector<Finding> findings;
  if (!evidence.loop) return findings;
  for (const LoopFacts::Deed& deed : evidence.loop->unwritten) {
    Finding finding;
    finding.rule = uninitialised_rule.id;
    finding.severity = Severity::warning;
    finding.subject = deed.name;
    finding.place = deed.place;
    finding.message =
        fmt::format("{} is read before anything was written to it: `{}` only takes memory",
                    deed.name, deed.text);
    finding.notes.emplace_back(
        "checked with seeded normal numbers in its place; each run of the program has others");
    finding.help = "write numbers to it: torch.randn, or torch.zeros for a bias";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace uninitialised

const Rule uninitialised_rule{"uninitialised", "memory is read that nothing was written to",
                              uninitialised::page, uninitialised::check};

}  // namespace gradient_check
