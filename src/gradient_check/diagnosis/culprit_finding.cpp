#include "gradient_check/diagnosis/culprit_finding.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "gradient_check/comparison/elements.h"
#include "gradient_check/diagnosis/blame/factor_text.h"
#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace {

/// "manual -0.02, right 0.005 at [0, 1]" of the element that is furthest off.
std::string worst_element(const Culprit& culprit) {
  if (!culprit.value.defined() || !culprit.truth.defined() ||
      culprit.value.sizes() != culprit.truth.sizes())
    return "";
  const std::vector<double> value = elements_of(culprit.value), truth = elements_of(culprit.truth);
  std::size_t worst = 0;
  double most = -1;
  for (std::size_t i = 0; i < value.size(); ++i)
    if (const double error = std::abs(value[i] - truth[i]); !(error <= most)) {
      worst = i;
      most = error;
    }
  if (value.empty()) return "";
  const auto index = unravel(static_cast<std::int64_t>(worst), culprit.truth.sizes().vec());
  return fmt::format("{} where {} is right{}", number_text(value[worst]), number_text(truth[worst]),
                     index.empty() ? "" : ", at " + index_text(index));
}

void add_culprit_notes(const Culprit& culprit, Finding& finding) {
  if (culprit.helper)
    finding.notes.push_back(fmt::format("the mistake is in the function it calls, at line {}: {}",
                                        culprit.helper->line, culprit.helper->source_line));
  if (!culprit.iterations.empty())
    finding.notes.push_back(fmt::format("wrong at {}", names_text(culprit.iterations)));
  if (const std::string worst = worst_element(culprit); !worst.empty())
    finding.notes.push_back(fmt::format("{} is {}", culprit.subject, worst));
  if (!culprit.stage.empty()) {
    finding.notes.push_back(
        fmt::format("the grad_output of {} is right: its own backward is wrong", culprit.stage));
    finding.notes.push_back(fmt::format(
        "re-run with autograd in place of all other backwards: {} still wrong, by this one",
        culprit.gradients.size() == 1 ? culprit.gradients[0] + " is"
                                      : names_text(culprit.gradients) + " are"));
  } else if (culprit.proved)
    finding.notes.push_back(
        culprit.fix && culprit.fix->verified
            ? "re-run with the fix: every gradient matches, here and at other parameters"
            : "re-run with the right value in its place: what depends on it matches");
}

std::string without_indent(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\n");
  return begin == std::string::npos ? "" : text.substr(begin);
}

}  // namespace

Finding finding_about(const Rule& rule, const Culprit& culprit, std::string message,
                      std::string help) {
  Finding finding;
  finding.rule = rule.id;
  finding.subject = culprit.subject;
  finding.message = std::move(message);
  finding.place = culprit.place;
  finding.evidence = {{"adjoint_of", culprit.adjoint_of},
                      {"gradients", culprit.gradients},
                      {"relative_error", culprit.largest_error},
                      {"proved", culprit.proved}};
  if (!culprit.stage.empty()) finding.evidence["stage"] = culprit.stage;
  if (!culprit.iterations.empty()) finding.evidence["iterations"] = culprit.iterations;
  if (culprit.helper)
    finding.evidence["helper"] = {{"line", culprit.helper->line},
                                  {"column", culprit.helper->column}};
  add_culprit_notes(culprit, finding);
  finding.fix = culprit.fix;
  finding.help =
      culprit.fix ? "write: " + without_indent(culprit.fix->replacement) : std::move(help);
  return finding;
}

std::string truth_words(const Culprit& culprit) {
  return culprit.truth_text.empty() ? "the right value" : culprit.truth_text;
}

std::string value_words(const Culprit& culprit) {
  return culprit.subject == culprit.adjoint_of ? "the gradient of " + culprit.subject
                                               : culprit.subject;
}

std::string times_truth(const Culprit& culprit) {
  return fmt::format("{} times {}", factor_name(culprit.factor), truth_words(culprit));
}

std::string part_text(const Culprit& culprit) {
  return fmt::format("in {}, `{}`", culprit.subject, culprit.before);
}

bool has_other_shape(const Culprit& culprit) {
  // A factor that is missing may be what gives the value its shape.
  const bool lacks_a_factor = culprit.change == Change::missing_factor && culprit.truth.defined() &&
                              culprit.value.defined() && culprit.value.dim() == culprit.truth.dim();
  return culprit.truth.defined() && culprit.value.defined() && !lacks_a_factor &&
         culprit.value.sizes() != culprit.truth.sizes();
}

bool is_unreduced(const Culprit& culprit) {
  return culprit.change == Change::reduction && !culprit.adjoint_of.empty() &&
         has_other_shape(culprit) && culprit.value.numel() > culprit.truth.numel();
}

bool is_partly_wrong(const Culprit& culprit) {
  if (culprit.change == Change::comparison) return true;
  if (culprit.writes_a_part && culprit.change != Change::reduction && !culprit.pattern.empty())
    return true;
  const bool plain = culprit.change == Change::none || culprit.change == Change::operation ||
                     culprit.change == Change::extra_term;
  return plain && !culprit.pattern.empty();
}

bool is_blamed(const Evidence& evidence, const std::string& gradient) {
  return std::any_of(
      evidence.culprits.begin(), evidence.culprits.end(), [&](const Culprit& culprit) {
        return std::find(culprit.gradients.begin(), culprit.gradients.end(), gradient) !=
               culprit.gradients.end();
      });
}

}  // namespace gradient_check
