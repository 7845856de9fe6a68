#include <fmt/format.h>

#include "gradient_check/diagnosis/culprit_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace guard_bias {

constexpr const char* page =
    R"(A small number such as 1e-7 was added to keep a division from failing, and it moves the gradient: the
forward does not have it, so this is the gradient of another function. Where p is near 0 the shift is large;
added to a quotient instead of its divisor it guards nothing.

Example:   d_p = (p - y) / (p * (1 - p) + 1e-7)
Instead:   clamp in the forward and the backward alike, or use binary_cross_entropy_with_logits, whose
           gradient p - y needs no division
)";

/// Whether the epsilon is added to a quotient as a whole: `y / p + 1e-7`.
bool is_behind_a_quotient(const std::string& text) {
  int depth = 0;
  bool divides = false;
  for (const char c : text) {
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (depth == 0 && c == '/') divides = true;
    if (depth == 0 && c == '+' && divides) return true;
  }
  return false;
}

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  std::vector<Finding> findings;
  for (const Culprit& culprit : evidence.culprits) {
    if (!culprit.guard) continue;
    Culprit alone = culprit;
    if (!culprit.only_guard) alone.fix.reset();
    Finding finding = finding_about(
        guard_bias_rule, alone,
        fmt::format(
            "the guard in `{}` moves {} by {} of its largest element; the forward has none{}",
            culprit.guard->text, culprit.subject, number_text(culprit.guard->size),
            is_behind_a_quotient(culprit.guard->text)
                ? ", and it is added to the quotient instead of its divisor"
                : ""),
        "take it out, or guard the forward in the same way");
    finding.severity = Severity::warning;
    finding.evidence["size"] = culprit.guard->size;
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace guard_bias

const Rule guard_bias_rule{"guard-bias", "an epsilon that the forward lacks moves the gradient",
                           guard_bias::page, guard_bias::check};

}  // namespace gradient_check
