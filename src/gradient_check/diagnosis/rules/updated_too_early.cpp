#include <fmt/format.h>
#include <fmt/ranges.h>

#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace updated_too_early {

constexpr const char* page =
    R"(A parameter is updated before the backward pass has used its old value for the last time. What is
computed from it afterwards is the gradient at a point where the loss was never evaluated. With a small
learning rate it is only a little wrong, which hides it.

Example:   w2 -= lr * d_w2
           d_a1 = d_l2 @ w2.t()            (w2 has changed already)
Instead:   d_a1 = d_l2 @ w2.t()
           w2 -= lr * d_w2                 (all updates after all gradients)
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  std::vector<Finding> findings;
  if (!evidence.loop) return findings;
  for (const LoopFacts::Early& early : evidence.loop->early) {
    Finding finding;
    finding.rule = updated_too_early_rule.id;
    finding.subject = early.update.name;
    finding.place = early.update.place;
    finding.message = fmt::format(
        "{} is updated before its old value has been used for the last time: the gradient of {} "
        "comes from the new one",
        early.update.name, fmt::join(early.spoiled, ", "));
    finding.notes.push_back(
        fmt::format("with `{}` put off to the end of the turn, the gradient of {} is right",
                    early.update.text, fmt::join(early.spoiled, ", ")));
    finding.help = "compute all gradients first, then update";
    finding.evidence = {{"gradients", early.spoiled}};
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace updated_too_early

const Rule updated_too_early_rule{"updated-too-early",
                                  "a parameter is updated before its old value is used",
                                  updated_too_early::page, updated_too_early::check};

}  // namespace gradient_check
