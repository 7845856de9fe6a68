#include <fmt/format.h>

#include "gradient_check/diagnosis/culprit_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace missing_term {

constexpr const char* page =
    R"(A tensor that is used twice gets a gradient from each use, and they add up: a residual branch, a shared
weight, the mean and the variance of a normalisation, the state carried to the next time step. One of these
is missing.

Example:   d_x = d_branch                     (of y = x + branch(x))
Instead:   d_x = d_branch + d_y
)";

std::string message_of(const Culprit& culprit) {
  if (culprit.missing_line > 0)
    return fmt::format("{} lacks what comes through line {}, `{}`{}", culprit.subject,
                       culprit.missing_line, culprit.missing_line_text,
                       culprit.after.empty() ? "" : fmt::format(": + {}", culprit.after));
  const bool negative = culprit.after.rfind("-", 0) == 0;
  return fmt::format("in {}, `{}` lacks the term `{} {}`", culprit.subject, culprit.before,
                     negative ? "-" : "+", negative ? culprit.after.substr(1) : culprit.after);
}

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  std::vector<Finding> findings;
  for (const Culprit& culprit : evidence.culprits) {
    if (culprit.change != Change::missing_term || has_other_shape(culprit) ||
        is_partly_wrong(culprit))
      continue;
    findings.push_back(finding_about(missing_term_rule, culprit, message_of(culprit),
                                     "add the gradient of every use of the tensor"));
    findings.back().evidence["term"] = culprit.after;
    if (culprit.missing_line > 0) findings.back().evidence["forward_line"] = culprit.missing_line;
  }
  return findings;
}

}  // namespace missing_term

const Rule missing_term_rule{"missing-term", "the gradient of one of several uses is missing",
                             missing_term::page, missing_term::check};

}  // namespace gradient_check
