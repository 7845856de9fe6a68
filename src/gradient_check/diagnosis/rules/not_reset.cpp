#include <fmt/format.h>

#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace not_reset {

constexpr const char* page =
    R"(A gradient is added to what it was in the turn before: the first turn of the loop is right, and from
the second on each update moves along the sum of all gradients so far.

Example:   d_w = torch.zeros(2, 2)
           for epoch in range(100):
               d_w += x.t() @ d_out
               w -= lr * d_w
Instead:   set d_w to zero inside the loop, or write d_w = x.t() @ d_out
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  std::vector<Finding> findings;
  if (!evidence.loop) return findings;
  for (const LoopFacts::Kept& kept : evidence.loop->kept) {
    Finding finding;
    finding.rule = not_reset_rule.id;
    finding.subject = kept.parameter;
    finding.place = kept.adding.place;
    finding.message = fmt::format(
        "{} still holds the gradient of the turn before: at turn {} of the loop the gradient of {} "
        "is wrong by just that",
        kept.adding.name, kept.turn, kept.parameter);
    finding.notes.push_back(
        fmt::format("with what {} held before turn {} taken off, the gradient of {} is right",
                    kept.adding.name, kept.turn, kept.parameter));
    finding.help = fmt::format("set {} to zero at the beginning of each turn", kept.adding.name);
    finding.evidence = {{"buffer", kept.adding.name}, {"turn", kept.turn}};
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace not_reset

const Rule not_reset_rule{"not-reset", "a gradient accumulates over the turns of a loop",
                          not_reset::page, not_reset::check};

}  // namespace gradient_check
