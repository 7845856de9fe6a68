#include "gradient_check/diagnosis/training_finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "gradient_check/diagnosis/training/training.h"
#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace {

/// "finite for all 10000 steps, loss 0.524 in the end".
std::string outcome(const Counterfactual& other, const TrainingEvidence& training) {
  const TrainingRun& run = other.run;
  if (run.first_non_finite)
    return fmt::format("{}: not finite at step {}{}", other.delays ? "only later" : "no better",
                       *run.first_non_finite,
                       training.run.first_non_finite
                           ? fmt::format(" instead of {}", *training.run.first_non_finite)
                           : "");
  const std::string course = fmt::format("loss {} in the end", number_text(run.losses.back()));
  const auto updates = static_cast<std::int64_t>(run.losses.size()) - 1;
  if (other.undecided)
    return fmt::format("finite for {} steps, which is too few to tell: its time was up", updates);
  if (other.cures && run.out_of_time)
    return fmt::format("finite for the {} steps that there was time for, {}", updates, course);
  if (other.cures) return fmt::format("finite for all {} steps, {}", updates, course);
  return fmt::format("finite for {} steps, but the loss still climbs, from {} to {}", updates,
                     number_text(run.losses.front()), number_text(run.losses.back()));
}

void add_proof(const TrainingEvidence& training, Finding& finding) {
  for (const Counterfactual& other : training.counterfactuals) {
    finding.notes.push_back(fmt::format("with {}: {}", other.text, outcome(other, training)));
    finding.evidence["changed"].push_back(
        {{"changed", other.text}, {"cures", other.cures}, {"steps", other.run.losses.size()}});
  }
}

}  // namespace

std::string course_text(const TrainingEvidence& training) {
  const TrainingRun& run = training.run;
  const double start = run.losses.front();
  if (run.finite())
    return fmt::format("the loss goes from {} to {} in {} steps", number_text(start),
                       number_text(run.losses.back()), run.losses.size() - 1);
  const auto step = static_cast<std::size_t>(*run.first_non_finite);
  if (step == 0 || run.losses.size() <= 1)
    return fmt::format("{} is not finite at step {}", run.what, *run.first_non_finite);
  const double before = run.losses[std::min(step, run.losses.size()) - 1];
  return fmt::format("the loss goes from {} to {} at step {}, and {} is not finite at step {}",
                     number_text(start), number_text(before), step - 1, run.what, step);
}

Finding training_finding(const Rule& rule, const Evidence& evidence, std::string subject,
                         std::string message, std::string help) {
  const TrainingEvidence& training = *evidence.training;
  Finding finding;
  finding.rule = rule.id;
  finding.subject = std::move(subject);
  finding.message = std::move(message);
  finding.help = std::move(help);
  if (training.run.first_non_finite) finding.evidence["step"] = *training.run.first_non_finite;
  if (training.cosine) finding.evidence["cosine"] = *training.cosine;
  if (training.ratio) finding.evidence["ratio"] = *training.ratio;
  finding.notes.push_back(course_text(training));
  add_proof(training, finding);
  return finding;
}

}  // namespace gradient_check
