#include <fmt/format.h>

#include <algorithm>

#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace mutates_input {

constexpr const char* page =
    R"(The forward or the manual backward writes into one of its arguments. The caller's tensor is then not
what it was: a second evaluation starts from another point, and LibTorch's autograd refuses such
functions or computes with the changed values.

Example:   grad_output *= mask          (writes into the caller's tensor)
Instead:   grad = grad_output * mask
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  std::vector<Finding> findings;
  const auto add = [&](const std::string& name, const char* who, std::optional<Place> otherwise) {
    Finding finding;
    finding.rule = mutates_input_rule.id;
    finding.subject = name;
    finding.message = fmt::format("the {} changes {} in place", who, name);
    const std::optional<Place> place = evidence.write_place(name);
    finding.place = place ? place : std::move(otherwise);
    finding.help =
        fmt::format("work on a new tensor: a + b instead of a += b, or {}.clone() first", name);
    findings.push_back(std::move(finding));
  };
  for (const std::string& name : evidence.changed_by_forward)
    add(name, "forward", evidence.forward_place);
  for (const std::string& name : evidence.changed_by_manual) {
    const auto& forward = evidence.changed_by_forward;
    if (std::find(forward.begin(), forward.end(), name) == forward.end())
      add(name, "manual backward", evidence.gradient_place(name));
  }
  return findings;
}

}  // namespace mutates_input

const Rule mutates_input_rule{"mutates-input", "the code changes a tensor it was given",
                              mutates_input::page, mutates_input::check};

}  // namespace gradient_check
