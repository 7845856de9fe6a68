#include <fmt/format.h>

#include "gradient_check/diagnosis/birth_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace forward_mismatch {

constexpr const char* page =
    R"(The output of the hand-written forward differs from the same network made of LibTorch's operators. The
gradients of two different functions cannot be compared, so this comes first.

Instead:   compare the two forwards piece by piece; the first intermediate that differs is the place.
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  if (!evidence.forward || is_born(evidence, "loss")) return {};
  Finding finding;
  finding.rule = forward_mismatch_rule.id;
  finding.subject = "output";
  finding.message = fmt::format(
      "the manual forward gives {} where the reference gives {}{}",
      number_text(evidence.forward->manual), number_text(evidence.forward->reference),
      evidence.forward->index.empty() ? "" : " at " + index_text(evidence.forward->index));
  finding.place = evidence.forward_place;
  finding.evidence = {{"index", evidence.forward->index},
                      {"manual", number_text(evidence.forward->manual)},
                      {"reference", number_text(evidence.forward->reference)}};
  finding.help = "make the two forwards the same function before looking at gradients";
  return {finding};
}

}  // namespace forward_mismatch

const Rule forward_mismatch_rule{"forward-mismatch",
                                 "the manual forward is not the reference forward",
                                 forward_mismatch::page, forward_mismatch::check};

}  // namespace gradient_check
