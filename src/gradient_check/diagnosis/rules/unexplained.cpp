#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "gradient_check/diagnosis/birth_finding.h"
#include "gradient_check/diagnosis/culprit_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/told_of_loop.h"
#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace unexplained {

constexpr const char* page =
    R"(The manual gradient differs from autograd's, finite differences side with autograd, and no rule of this
tool explains the difference. The values of the worst element are a start: divide one by the other, and
compare the ratio with the sizes in the computation.
)";

/// A loss that is NaN or infinite is a failure even where manual and autograd share it.
void report_loss(const Evidence& evidence, const std::vector<Finding>& so_far,
                 std::vector<Finding>& findings) {
  const bool manual_finite = !evidence.manual_loss || std::isfinite(*evidence.manual_loss);
  const bool explained =
      !evidence.births.empty() ||
      std::any_of(so_far.begin(), so_far.end(), [](const Finding& finding) {
        return finding.severity == Severity::error &&
               (finding.rule == "non-finite-input" || finding.rule == "forward-mismatch");
      });
  if ((std::isfinite(evidence.loss) && manual_finite) || explained) return;
  Finding finding;
  finding.rule = unexplained_rule.id;
  finding.subject = "loss";
  finding.place = evidence.forward_place;
  finding.message = fmt::format(
      "the loss is not finite: autograd {}{}", number_text(evidence.loss),
      evidence.manual_loss ? fmt::format(", manual {}", number_text(*evidence.manual_loss)) : "");
  finding.help = "look for log(0), a division by zero or an overflow on the way to it";
  findings.push_back(std::move(finding));
}

/// Wrong statements that no other rule speaks of.
void report_culprits(const Evidence& evidence, std::vector<Finding>& findings) {
  for (const Culprit& culprit : evidence.culprits) {
    const bool plain = culprit.change == Change::none || culprit.change == Change::operation ||
                       culprit.change == Change::extra_term;
    const bool same_shape = !culprit.truth.defined() || !culprit.value.defined() ||
                            culprit.value.sizes() == culprit.truth.sizes();
    if (!plain || !same_shape || is_partly_wrong(culprit)) continue;
    std::string message = fmt::format("{} is not {}", value_words(culprit), truth_words(culprit));
    if (culprit.change == Change::extra_term)
      message = fmt::format("in {}, the term `{}` does not belong there", culprit.subject,
                            culprit.before);
    else if (culprit.change == Change::operation)
      message = fmt::format("in {}, `{}` stands where `{}` gives {}", culprit.subject,
                            culprit.before, culprit.after, truth_words(culprit));
    findings.push_back(finding_about(
        unexplained_rule, culprit, std::move(message),
        culprit.stage.empty()
            ? "all that it is made of is right: derive this statement again, term by term"
            : "derive the backward of " + culprit.stage + " again, term by term"));
  }
}

/// Whether a gradient is finite: no cotangent makes one that is not comparable.
bool is_comparable(const Evidence& evidence, const std::string& name) {
  return std::none_of(
      evidence.tensors.begin(), evidence.tensors.end(), [&](const TensorComparison& tensor) {
        return tensor.result.name == name && tensor.result.verdict == TensorVerdict::non_finite;
      });
}

/// A gradient that is not finite where a value of the case is not: that is found already.
bool is_of_bad_input(const Evidence& evidence, const GradientResult& result) {
  return result.verdict == TensorVerdict::non_finite &&
         std::any_of(evidence.non_finite_inputs.begin(), evidence.non_finite_inputs.end(),
                     [](const NonFiniteInput& input) { return !input.harmless; });
}

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>& so_far) {
  std::vector<Finding> findings;
  report_loss(evidence, so_far, findings);
  report_culprits(evidence, findings);
  for (const TensorComparison& tensor : evidence.tensors) {
    const GradientResult& result = tensor.result;
    const bool wrong =
        result.verdict == TensorVerdict::mismatch || result.verdict == TensorVerdict::non_finite;
    if (!wrong || is_explained(so_far, result.name) || is_blamed(evidence, result.name) ||
        told_of_loop(evidence, result.name) || is_born(evidence, result.name) ||
        is_of_bad_input(evidence, result) || !result.worst)
      continue;
    Finding finding;
    finding.rule = unexplained_rule.id;
    finding.subject = result.name;
    finding.place = evidence.gradient_place(result.name);
    const std::string values = values_text(*result.worst);
    if (result.verdict == TensorVerdict::non_finite)
      finding.message = fmt::format("the gradient of {} is not finite: {}", result.name, values);
    else if (result.wrong == Wrong::unknown)
      finding.message = fmt::format(
          "the manual gradient of {} is not autograd's, and finite "
          "differences side with neither: {}",
          result.name, values);
    else
      finding.message = fmt::format("the manual gradient of {} is wrong: {}", result.name, values);
    finding.evidence = {{"mismatched", result.mismatched},
                        {"max_abs_error", number_text(result.max_abs_error)}};
    if (!evidence.why_no_blame.empty())
      finding.notes.push_back("the statements could not be followed one by one: " +
                              evidence.why_no_blame.substr(0, evidence.why_no_blame.find('\n')));
    finding.help = result.verdict == TensorVerdict::non_finite
                       ? "look for log(0), a division by zero or an overflow on the way to it"
                       : "compare the intermediate gradients on the way to it, from the loss down";
    findings.push_back(std::move(finding));
  }
  for (const CotangentResponse& response : evidence.cotangents) {
    if (response.right || !is_comparable(evidence, response.name) ||
        is_explained(so_far, response.name) || is_blamed(evidence, response.name) ||
        is_explained(findings, response.name))
      continue;
    Finding finding;
    finding.rule = unexplained_rule.id;
    finding.subject = response.name;
    finding.place = evidence.gradient_place(response.name);
    finding.message =
        fmt::format("the manual gradient of {} is wrong for another grad_output", response.name);
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace unexplained

const Rule unexplained_rule{"unexplained", "a gradient is wrong, and no rule says why",
                            unexplained::page, unexplained::check};

}  // namespace gradient_check
