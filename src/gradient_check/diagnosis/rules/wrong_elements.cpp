#include <fmt/format.h>

#include "gradient_check/comparison/elements.h"
#include "gradient_check/diagnosis/culprit_finding.h"
#include "gradient_check/diagnosis/pattern.h"
#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace wrong_elements {

constexpr const char* page =
    R"(Most of a gradient is right and some of its elements are not: a row, a column, a border, those where a
mask applies. Whatever treats these elements differently is where to look.

Example:   d_x[0] = 0                  (the first row was meant for padding only)
)";

/// "3 of the 12 elements".
std::string count_text(std::int64_t wrong, std::int64_t all) {
  return wrong == 1 ? fmt::format("one of the {} elements", all)
                    : fmt::format("{} of the {} elements", wrong, all);
}

nlohmann::ordered_json indices_of(const std::vector<std::int64_t>& flat,
                                  const std::vector<std::int64_t>& shape) {
  nlohmann::ordered_json indices = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < flat.size() && i < 20; ++i)
    indices.push_back(unravel(flat[i], shape));
  return indices;
}

void from_culprits(const Evidence& evidence, std::vector<Finding>& findings) {
  for (const Culprit& culprit : evidence.culprits) {
    if (!is_partly_wrong(culprit) || has_other_shape(culprit)) continue;
    const auto shape =
        culprit.truth.defined() ? culprit.truth.sizes().vec() : std::vector<std::int64_t>{};
    const std::string verb = culprit.wrong_elements.size() == 1 ? "is" : "are";
    std::string message =
        culprit.wrong_elements.empty()
            ? fmt::format("{} picks the wrong elements: `{}` where `{}` is right", culprit.subject,
                          culprit.before, culprit.after)
            : fmt::format("{} of {} {} wrong: {}",
                          count_text(static_cast<std::int64_t>(culprit.wrong_elements.size()),
                                     culprit.truth.numel()),
                          culprit.subject, verb, culprit.pattern);
    findings.push_back(
        finding_about(wrong_elements_rule, culprit, std::move(message),
                      "the others are right, so the formula is: look at what differs "
                      "there"));
    findings.back().evidence["indices"] = indices_of(culprit.wrong_elements, shape);
    findings.back().evidence["mismatched"] = culprit.wrong_elements.size();
  }
}

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>& so_far) {
  std::vector<Finding> findings;
  from_culprits(evidence, findings);
  for (const TensorComparison& tensor : evidence.tensors) {
    const GradientResult& result = tensor.result;
    if (result.verdict != TensorVerdict::mismatch || !tensor.sources.manual.defined() ||
        is_explained(so_far, result.name) || is_blamed(evidence, result.name) ||
        !most_are_right(tensor.sources.manual, tensor.sources.autograd, tensor.mismatched))
      continue;
    Finding finding;
    finding.rule = wrong_elements_rule.id;
    finding.subject = result.name;
    std::vector<std::pair<std::string, at::Tensor>> conditions;
    for (const auto& [name, value] : evidence.values)
      if (value.isTensor()) conditions.emplace_back(name, value.toTensor());
    finding.message = fmt::format("{} of the gradient of {} {} wrong: {}",
                                  count_text(result.mismatched, result.elements), result.name,
                                  result.mismatched == 1 ? "is" : "are",
                                  describe_elements(tensor.mismatched, result.shape, conditions));
    finding.place = evidence.gradient_place(result.name);
    finding.evidence = {{"indices", indices_of(tensor.mismatched, result.shape)},
                        {"mismatched", result.mismatched}};
    finding.help = fmt::format(
        "the others are right, so the formula is: look at what differs there "
        "({})",
        values_text(*result.worst));
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace wrong_elements

const Rule wrong_elements_rule{"wrong-elements", "a part of a gradient is wrong",
                               wrong_elements::page, wrong_elements::check};

}  // namespace gradient_check
