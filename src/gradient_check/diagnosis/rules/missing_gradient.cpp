#include <fmt/format.h>

#include "gradient_check/case/suggest.h"
#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace missing_gradient {

constexpr const char* page =
    R"(The manual code returns no gradient for a parameter. An optimizer would leave that parameter as it is.

Example:   return loss, {"w1": d_w1}            (the case has parameters w1 and b1)
Instead:   return loss, {"w1": d_w1, "b1": d_b1}
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  std::vector<Finding> findings;
  for (const std::string& name : evidence.missing) {
    Finding finding;
    finding.rule = missing_gradient_rule.id;
    finding.subject = name;
    std::string hint = suggest(name, evidence.returned_unknown);
    if (hint.find("did you mean") == std::string::npos)
      hint = evidence.returned_unknown.empty()
                 ? ""
                 : fmt::format("; it returns '{}', which names no tensor of the case",
                               evidence.returned_unknown.front());
    else
      hint = fmt::format("; it returns a near name{}", hint);
    finding.message = fmt::format("the manual code returns no gradient for {}{}", name, hint);
    finding.place = evidence.gradient_place(name);
    finding.evidence = {{"unknown_keys", evidence.returned_unknown}};
    finding.help = fmt::format("return the gradient under the parameter's own name: \"{}\"", name);
    findings.push_back(std::move(finding));
  }
  if (!evidence.missing.empty()) return findings;
  for (const std::string& key : evidence.returned_unknown) {
    Finding finding;
    finding.rule = missing_gradient_rule.id;
    finding.severity = Severity::warning;
    finding.subject = key;
    finding.message = fmt::format(
        "the manual code returns '{}', which names no tensor of the case: it is not checked", key);
    finding.place = evidence.gradient_place(key);
    finding.help = "return a gradient under the name of its input or parameter";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace missing_gradient

const Rule missing_gradient_rule{"missing-gradient", "a parameter has no manual gradient",
                                 missing_gradient::page, missing_gradient::check};

}  // namespace gradient_check
