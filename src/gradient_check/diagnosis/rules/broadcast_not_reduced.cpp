#include <fmt/format.h>

#include "gradient_check/diagnosis/culprit_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace broadcast_not_reduced {

constexpr const char* page =
    R"(In the forward the tensor was broadcast: a bias of shape [3] added to a batch of shape [8, 3] is used 8
times. Its gradient is the sum of what comes back from each use, so it has the tensor's own shape.

Example:   d_b = d_l1                  (shape [8, 3])
Instead:   d_b = d_l1.sum(0)           (shape [3])
)";

/// The dimensions of the found shape that the expected one lacks or has as 1: "0" or "0, 2".
std::string summed_dimensions(const ShapeDifference& shape) {
  const std::size_t extra = shape.found.size() - shape.expected.size();
  std::string dims;
  for (std::size_t d = 0; d < shape.found.size(); ++d) {
    if (d >= extra && shape.expected[d - extra] == shape.found[d]) continue;
    dims += (dims.empty() ? "" : ", ") + std::to_string(d);
  }
  return dims;
}

std::vector<Finding> from_culprits(const Evidence& evidence) {
  std::vector<Finding> findings;
  for (const Culprit& culprit : evidence.culprits) {
    if (!is_unreduced(culprit)) continue;
    findings.push_back(finding_about(
        broadcast_not_reduced_rule, culprit,
        fmt::format("{} has shape {}, not {}: it was not summed over what {} was broadcast along",
                    value_words(culprit), index_text(culprit.value.sizes().vec()),
                    index_text(culprit.truth.sizes().vec()), culprit.adjoint_of),
        "sum it over the dimensions that were broadcast"));
    findings.back().evidence["found"] = culprit.value.sizes().vec();
    findings.back().evidence["expected"] = culprit.truth.sizes().vec();
  }
  return findings;
}

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  std::vector<Finding> findings = from_culprits(evidence);
  for (const ShapeDifference& shape : evidence.shapes) {
    if (!shape.sums_to_truth || is_blamed(evidence, shape.name)) continue;
    Finding finding;
    finding.rule = broadcast_not_reduced_rule.id;
    finding.subject = shape.name;
    const std::string dims = summed_dimensions(shape);
    finding.message = fmt::format(
        "the gradient of {} has shape {}, not {}: it was not summed over the dimension{} {} along "
        "which {} was broadcast",
        shape.name, index_text(shape.found), index_text(shape.expected),
        dims.find(',') == std::string::npos ? "" : "s", dims, shape.name);
    finding.place = evidence.gradient_place(shape.name);
    finding.evidence = {{"found", shape.found}, {"expected", shape.expected}};
    finding.help = fmt::format("sum it: .sum([{}]) gives autograd's values", dims);
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace broadcast_not_reduced

const Rule broadcast_not_reduced_rule{"broadcast-not-reduced",
                                      "the gradient of a broadcast tensor was not summed",
                                      broadcast_not_reduced::page, broadcast_not_reduced::check};

}  // namespace gradient_check
