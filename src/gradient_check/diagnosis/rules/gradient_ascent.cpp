#include <fmt/format.h>

#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/training/training.h"
#include "gradient_check/diagnosis/training_finding.h"

namespace gradient_check {
namespace gradient_ascent {

constexpr const char* page =
    R"(The gradient that the parameters are moved along points uphill: its cosine with the true gradient is
negative. The loss rises from the first step on, slowly or fast, until something overflows or rounds to a
point where a logarithm or a division has no finite value. That last operation is where the run dies, not why.

Example:   d_p = y / p - (1 - y) / (1 - p)          (the derivative of the log likelihood, not of the loss)
           p.grad + lr                              (an update with the wrong sign)
Instead:   d_p = ((1 - y) / (1 - p) - y / p) / y.size(0)
A smaller learning rate only puts it off, and so does a guard such as `+ 1e-7` in the logarithm.
)";

bool turns_round(const Culprit& culprit) {
  return !culprit.only_guard && (culprit.change == Change::sign || culprit.factor < 0);
}

/// An update that adds what it should subtract.
Finding at_update(const LoopFacts::Deed& deed) {
  Finding finding;
  finding.rule = gradient_ascent_rule.id;
  finding.subject = deed.name;
  finding.place = deed.place;
  finding.message =
      fmt::format("this update adds the gradient of {}: it climbs the loss", deed.name);
  finding.notes.emplace_back("what it adds points along the true gradient, not against it");
  finding.help = "subtract it";
  return finding;
}

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  if (evidence.loop && !evidence.loop->ascending.empty()) {
    std::vector<Finding> findings;
    for (const LoopFacts::Deed& deed : evidence.loop->ascending)
      findings.push_back(at_update(deed));
    return findings;
  }
  if (!evidence.training || evidence.training->cause != TrainingCause::gradient_ascent) return {};
  const TrainingEvidence& training = *evidence.training;
  Finding finding = training_finding(
      gradient_ascent_rule, evidence, "training",
      fmt::format(
          "training climbs the loss: the manual gradient has cosine {:.3g} with the true one, "
          "so every update goes uphill",
          *training.cosine),
      "mend the gradient first: nothing else makes this run go down");
  // The wrong value of the backward pass that turns the gradient round.
  for (const Culprit& culprit : evidence.culprits) {
    if (!turns_round(culprit) || !culprit.place) continue;
    finding.place = culprit.place;
    finding.evidence["because"] = culprit.subject;
    finding.notes.push_back(fmt::format("it follows from {} at line {}, whose sign is wrong",
                                        culprit.subject, culprit.place->line));
    finding.help = fmt::format(
        "correct {} at line {} (see the finding about it); nothing else makes this run go down",
        culprit.subject, culprit.place->line);
    break;
  }
  if (!evidence.births.empty() && training.run.first_non_finite)
    finding.notes.push_back(
        fmt::format("{} at step {} is how it dies; a guard there would not change why",
                    rule_of(evidence.births[0].cause), *training.run.first_non_finite));
  return {finding};
}

}  // namespace gradient_ascent

const Rule gradient_ascent_rule{"gradient-ascent",
                                "the updates climb the loss instead of descending it",
                                gradient_ascent::page, gradient_ascent::check};

}  // namespace gradient_check
