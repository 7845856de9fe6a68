#include <fmt/format.h>

#include <cmath>

#include "gradient_check/diagnosis/blame/factor_text.h"
#include "gradient_check/diagnosis/culprit_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"

namespace gradient_check {
namespace wrong_scale {

constexpr const char* page =
    R"(A value, or one of its terms, is a constant multiple of what it should be. The usual constants: N, where
the loss is a mean and its gradient was not divided by N; 2, from a square; √d, from attention's scale;
1/(1 - p), from dropout. Training still seems to work, at another learning rate than the one you set.

Example:   d_z = p - y                      (of a cross-entropy averaged over the batch)
Instead:   d_z = (p - y) / y.size(0)
)";

std::string why(const Culprit& culprit) {
  const std::string& phrase = culprit.factor_text.phrase;
  const double size = std::abs(culprit.factor);
  std::string text;
  if (!phrase.empty() && size > 1) text = fmt::format("it lacks a division by {}", phrase);
  if (!phrase.empty() && size < 1) {
    text = fmt::format("it is {} times too small", factor_name(1 / size));
    if (phrase != factor_name(size)) text += fmt::format(" ({})", phrase);
  }
  if (culprit.factor < 0)
    text += (text.empty() ? "its sign is flipped too" : ", and its sign is flipped");
  return text.empty() ? "" : ": " + text;
}

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  std::vector<Finding> findings;
  for (const Culprit& culprit : evidence.culprits) {
    if (culprit.change != Change::scale || has_other_shape(culprit) || is_partly_wrong(culprit))
      continue;
    const bool whole = culprit.after.empty() && culprit.factor != 1;
    std::string message;
    if (whole)
      message = fmt::format("{} is {}{}", value_words(culprit), times_truth(culprit), why(culprit));
    else if (culprit.factor != 1)
      message = fmt::format("{} is {} times what it should be; `{}` gives {}", part_text(culprit),
                            factor_name(culprit.factor), culprit.after, truth_words(culprit));
    else
      message = fmt::format("{} does not belong there: without it the value is {}",
                            part_text(culprit), truth_words(culprit));
    findings.push_back(finding_about(wrong_scale_rule, culprit, std::move(message),
                                     fmt::format("divide it by {}", factor_name(culprit.factor))));
    findings.back().evidence["factor"] = culprit.factor;
  }
  return findings;
}

}  // namespace wrong_scale

const Rule wrong_scale_rule{"wrong-scale", "a gradient is a constant multiple of the right one",
                            wrong_scale::page, wrong_scale::check};

}  // namespace gradient_check
