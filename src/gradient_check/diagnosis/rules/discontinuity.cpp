#include <fmt/format.h>

#include "gradient_check/comparison/elements.h"
#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace discontinuity {

constexpr const char* page =
    R"(The loss jumps at the value of an element: a comparison, a rounding or an index falls otherwise a
hair's breadth beside it. There it has no derivative; autograd gives the slope of the piece that the
point was counted to. A manual gradient matches that, or the slope of the other side. The other
elements are checked as always.

Example:   loss = torch.where(x > 2, x * x, 2 * x + 1).sum()      # at x = 2: 5, just above it 4
Instead:   move the point off the jump, or join the pieces where they meet, if they were meant to.
)";

std::string limits_text(const Jump& jump) {
  if (jump.left_limit == jump.here)
    return fmt::format("{} there and just below it, {} just above", number_text(jump.here),
                       number_text(jump.right_limit));
  if (jump.right_limit == jump.here)
    return fmt::format("{} there and just above it, {} just below", number_text(jump.here),
                       number_text(jump.left_limit));
  return fmt::format("{} there, {} just below it, {} just above", number_text(jump.here),
                     number_text(jump.left_limit), number_text(jump.right_limit));
}

Finding finding_of(const TensorComparison& tensor, const Evidence& evidence) {
  const Jump& jump = tensor.jumps.front();
  const std::vector<std::int64_t> index = unravel(jump.index, tensor.result.shape);
  Finding finding;
  finding.rule = discontinuity_rule.id;
  finding.severity = Severity::warning;
  finding.subject = tensor.result.name;
  finding.message = fmt::format(
      "the loss jumps at {}{} = {}{}: it is {}", tensor.result.name,
      index.empty() ? "" : index_text(index), number_text(jump.value),
      tensor.jumps.size() > 1 ? fmt::format(" (and at {} more)", tensor.jumps.size() - 1) : "",
      limits_text(jump));
  finding.place = evidence.gradient_place(tensor.result.name);
  if (const auto found = evidence.decisions.find(tensor.result.name);
      found != evidence.decisions.end()) {
    const Decision& decision = found->second;
    if (decision.place) finding.place = decision.place->place;
    finding.notes.push_back(
        fmt::format("{} falls otherwise there", decision.place && !decision.place->text.empty()
                                                    ? "`" + decision.place->text + "`"
                                                    : decision.operation));
  }
  finding.evidence = {{"index", index},
                      {"value", jump.value},
                      {"here", jump.here},
                      {"left_limit", jump.left_limit},
                      {"right_limit", jump.right_limit},
                      {"elements", tensor.jumps.size()}};
  finding.help =
      "move the point off the jump if that element's gradient is to be checked, or join the pieces";
  return finding;
}

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  std::vector<Finding> findings;
  for (const TensorComparison& tensor : evidence.tensors)
    if (!tensor.jumps.empty()) findings.push_back(finding_of(tensor, evidence));
  return findings;
}

}  // namespace discontinuity

const Rule discontinuity_rule{"discontinuity", "the function jumps at the point",
                              discontinuity::page, discontinuity::check};

}  // namespace gradient_check
