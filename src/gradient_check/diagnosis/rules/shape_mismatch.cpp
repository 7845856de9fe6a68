#include <fmt/format.h>

#include "gradient_check/diagnosis/culprit_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace shape_mismatch {

constexpr const char* page =
    R"(A gradient holds one number per element of its tensor, so the two have one shape. LibTorch would
broadcast the difference silently in `w -= lr * d_w`, or fail there, far from the cause.

Example:   d_w = d_l.t() @ x           (shape [out, in], the weight is [in, out])
Instead:   d_w = x.t() @ d_l
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>& so_far) {
  std::vector<Finding> findings;
  for (const Culprit& culprit : evidence.culprits) {
    const bool is_adjoint = !culprit.adjoint_of.empty();
    if (is_unreduced(culprit) || !has_other_shape(culprit) ||
        (culprit.change == Change::reduction && !is_adjoint))
      continue;
    findings.push_back(
        finding_about(shape_mismatch_rule, culprit,
                      fmt::format("{} has shape {}; {} has shape {}", value_words(culprit),
                                  index_text(culprit.value.sizes().vec()),
                                  is_adjoint ? culprit.adjoint_of : truth_words(culprit),
                                  index_text(culprit.truth.sizes().vec())),
                      is_adjoint ? "a gradient has exactly the shape of the tensor it belongs to"
                                 : "give it the shape that it has in the forward"));
    findings.back().evidence["found"] = culprit.value.sizes().vec();
    findings.back().evidence["expected"] = culprit.truth.sizes().vec();
  }
  for (const ShapeDifference& shape : evidence.shapes) {
    if (is_explained(so_far, shape.name) || is_blamed(evidence, shape.name)) continue;
    Finding finding;
    finding.rule = shape_mismatch_rule.id;
    finding.subject = shape.name;
    finding.message = fmt::format("the gradient of {} has shape {}; {} has shape {}", shape.name,
                                  index_text(shape.found), shape.name, index_text(shape.expected));
    finding.place = evidence.gradient_place(shape.name);
    finding.evidence = {{"found", shape.found}, {"expected", shape.expected}};
    finding.help = "a gradient has exactly the shape of the tensor it belongs to";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace shape_mismatch

const Rule shape_mismatch_rule{"shape-mismatch", "a gradient has not the shape of its tensor",
                               shape_mismatch::page, shape_mismatch::check};

}  // namespace gradient_check
