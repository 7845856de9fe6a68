#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "gradient_check/comparison/elements.h"
#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace reference_wrong {

constexpr const char* page =
    R"(LibTorch autograd differentiates another function than the forward computes: a value was detached or
rebuilt from numbers, or a custom function's own backward is wrong.

What a forward detaches with detach() is held at its value in finite differences, as autograd holds it. So
a deliberate stop-gradient (the target of a TD error, a straight-through estimator, a commitment loss) is
right, and a note names it where it changes the gradient. It is an error, at the detach(), where
  - the manual gradient is what differences give in which the detached value moves, and not autograd's, or
  - a parameter gets no gradient because all that comes of it is detached.
Where a manual gradient and finite differences agree without that, and autograd differs from both, the
error stands at what the forward returns.

Some operators define their gradient along other directions than single elements: cholesky and eigh
along symmetric matrices, cholesky_solve in one triangle, embedding not at padding_idx, fake_quantize
as the identity. There the gradient is compared as the operator defines it, and a note says so.

Example:   loss = (pred - target.detach() * pred.detach()).sum()
Instead:   leave detach() out of what the gradient must flow through.
)";

using Places = std::vector<std::size_t>;

/// Whether manual and autograd agree with each other and finite differences with neither.
bool only_reference_disagrees(const TensorComparison& tensor) {
  return differing_elements(tensor.sources, tensor.tolerances).empty();
}

/// "y.detach()", on one line; empty where its place is not known.
std::string source_of(const Detachment& detachment) {
  std::string text;
  for (const char c : detachment.where ? detachment.where->text : "") {
    const bool space = c == '\n' || c == ' ';
    if (!space || text.empty() || text.back() != ' ') text += space ? ' ' : c;
  }
  return text;
}

/// "`y.detach()`", "call 2 of detach() in the forward".
std::string detach_text(const Detachment& detachment) {
  const std::string source = source_of(detachment);
  return source.empty()
             ? fmt::format("call {} of detach() in the forward", detachment.calls.front() + 1)
             : "`" + source + "`";
}

std::optional<Place> place_of_detach(const Evidence& evidence, std::size_t index) {
  const Detachment& detachment = evidence.detached.places[index];
  return detachment.where ? detachment.where->place : evidence.forward_place;
}

/// "here", "here and at line 6", "here and at 2 other places".
std::string places_text(const Evidence& evidence, const Places& at) {
  std::set<std::size_t> lines;
  for (auto index = at.begin() + 1; index != at.end(); ++index)
    if (const auto& where = evidence.detached.places[*index].where) lines.insert(where->place.line);
  if (at.size() == 1) return "here";
  if (lines.empty()) return fmt::format("here and at {} other places", at.size() - 1);
  return fmt::format("here and at line{} {}", lines.size() > 1 ? "s" : "",
                     fmt::join(lines, " and "));
}

/// " (line 6)".
std::string line_text(const Evidence& evidence, std::size_t index) {
  const auto& where = evidence.detached.places[index].where;
  return where ? fmt::format(" (line {})", where->place.line) : "";
}

Finding finding_at(const Evidence& evidence, const Places& at, std::string subject) {
  Finding finding;
  finding.rule = reference_wrong_rule.id;
  finding.subject = std::move(subject);
  finding.place = place_of_detach(evidence, at.front());
  if (const auto& where = evidence.detached.places[at.front()].where; where && where->call)
    finding.notes.push_back(
        fmt::format("called as `{}` at line {}", where->call_text, where->call->line));
  return finding;
}

std::string help_for_starved(const Evidence& evidence,
                             const std::vector<const StarvedParameter*>& parameters,
                             const std::vector<std::string>& names) {
  const std::string named = names_text(names);
  const bool one = names.size() == 1;
  const auto& drop = parameters.front()->to_drop;
  const bool same = drop && std::all_of(parameters.begin(), parameters.end(),
                                        [&](const auto* each) { return each->to_drop == drop; });
  if (!same)
    return fmt::format(
        "leave detach() out where {} {} meant to learn; what is to stay fixed is an input", named,
        one ? "is" : "are");
  return fmt::format(
      "leave detach() out of {}{}: {} then get{} a gradient, and those that others have stay as "
      "they are",
      detach_text(evidence.detached.places[*drop]), line_text(evidence, *drop), named,
      one ? "s" : "");
}

/// Parameters that get no gradient for the same reason are one finding.
void report_starved(const Evidence& evidence, std::vector<Finding>& findings) {
  std::map<Places, std::vector<const StarvedParameter*>> by_places;
  for (const StarvedParameter& starved : evidence.detached.starved)
    by_places[starved.at].push_back(&starved);
  for (const auto& [at, parameters] : by_places) {
    std::vector<std::string> names;
    for (const StarvedParameter* starved : parameters) names.push_back(starved->name);
    const bool one = names.size() == 1;
    Finding finding = finding_at(evidence, at, names.front());
    finding.message = fmt::format("{} get{} no gradient: what could carry one is detached, {}",
                                  names_text(names), one ? "s" : "", places_text(evidence, at));
    finding.evidence = {{"tensors", names}};
    finding.help = help_for_starved(evidence, parameters, names);
    findings.push_back(std::move(finding));
  }
}

/// Tensors whose manual gradients are right if the same values move are one finding.
void report_cut(const Evidence& evidence, std::vector<Finding>& findings) {
  std::map<Places, std::vector<const GradientResult*>> by_places;
  for (const TensorComparison& tensor : evidence.tensors) {
    const auto found = evidence.detached.confirmations.find(tensor.result.name);
    if (found != evidence.detached.confirmations.end() &&
        !is_explained(findings, tensor.result.name))
      by_places[found->second.at].push_back(&tensor.result);
  }
  for (const auto& [at, results] : by_places) {
    std::vector<std::string> names;
    for (const GradientResult* result : results) names.push_back(result->name);
    const bool one = names.size() == 1;
    Finding finding = finding_at(evidence, at, names.front());
    finding.message = fmt::format(
        "autograd's gradient{} of {} stop{} at {}, and the manual {} with finite differences in "
        "which that moves: {}",
        one ? "" : "s", names_text(names), one ? "s" : "",
        detach_text(evidence.detached.places[at.front()]), one ? "one agrees" : "ones agree",
        values_text(*results.front()->worst));
    if (at.size() > 1)
      finding.notes.push_back(
          fmt::format("values are detached {}; they move together", places_text(evidence, at)));
    finding.evidence = {{"mismatched", results.front()->mismatched}, {"tensors", names}};
    const bool helps = evidence.detached.confirmations.at(names.front()).dropping_helps;
    finding.help = fmt::format(
        "leave detach() out if the gradient is to flow through it{}; if it is not, leave that part "
        "out of the manual gradient",
        helps ? "" : ", and out of what detaches it again");
    findings.push_back(std::move(finding));
  }
}

/// Autograd is wrong for another reason than what is held.
Finding finding_elsewhere(const Evidence& evidence, const TensorComparison& tensor, bool sided) {
  Finding finding;
  finding.rule = reference_wrong_rule.id;
  finding.subject = tensor.result.name;
  finding.message =
      sided ? fmt::format(
                  "autograd's gradient of {} is wrong, the manual one agrees with finite "
                  "differences: {}",
                  tensor.result.name, values_text(*tensor.result.worst))
            : fmt::format(
                  "autograd's gradient of {} is not what finite differences of the forward "
                  "give: {}",
                  tensor.result.name, values_text(*tensor.result.worst));
  finding.place = evidence.forward_place;
  finding.evidence = {{"mismatched", tensor.result.mismatched}};
  finding.help = fmt::format(
      "look for {}.data, .item() or no_grad in the forward, or for a custom function whose own "
      "backward is wrong",
      evidence.detached.not_held ? "detach(), " : "");
  return finding;
}

void report_elsewhere(const Evidence& evidence, const std::vector<Finding>& so_far,
                      std::vector<Finding>& findings) {
  for (const TensorComparison& tensor : evidence.tensors) {
    const std::string& name = tensor.result.name;
    const Wrong wrong = tensor.result.wrong;
    if (tensor.result.verdict != TensorVerdict::mismatch || wrong == Wrong::manual ||
        wrong == Wrong::unknown || is_explained(so_far, name) ||
        evidence.detached.confirmations.count(name) > 0 || is_explained(findings, name))
      continue;
    const bool alone = !tensor.sources.manual.defined();
    if (wrong == Wrong::both && !alone && !only_reference_disagrees(tensor)) continue;
    findings.push_back(finding_elsewhere(evidence, tensor, !alone && wrong == Wrong::autograd));
  }
}

/// Detachments that change the gradient and that no error speaks of.
void note_held(const Evidence& evidence, std::vector<Finding>& findings) {
  std::set<std::size_t> told;
  for (const StarvedParameter& starved : evidence.detached.starved)
    told.insert(starved.at.begin(), starved.at.end());
  for (const auto& [name, found] : evidence.detached.confirmations)
    told.insert(found.at.begin(), found.at.end());
  for (std::size_t i = 0; i < evidence.detached.places.size(); ++i) {
    const Detachment& detachment = evidence.detached.places[i];
    if (!detachment.matters || told.count(i) > 0) continue;
    const std::string source = source_of(detachment);
    Finding finding = finding_at(evidence, {i}, source.empty() ? "detach()" : source);
    finding.severity = Severity::note;
    finding.message = fmt::format(
        "{} is held at its value, as autograd holds it: differences in which what is detached "
        "moves give another gradient",
        detach_text(detachment));
    findings.push_back(std::move(finding));
  }
}

/// In words, what an operator's derivative is defined along.
const char* convention_text(ConventionKind kind) {
  switch (kind) {
    case ConventionKind::symmetric:
      return "reads one triangle of a symmetric matrix, and its gradient is shared out over both: "
             "compared along symmetric directions, x[i, j] and x[j, i] together";
    case ConventionKind::triangular:
      return "reads one triangle, and its gradient need not be 0 in the other: compared in that "
             "triangle alone";
    case ConventionKind::unchanged_row:
      return "gives the row at padding_idx no gradient, though its output holds it: that row is 0 "
             "by definition";
    case ConventionKind::chosen:
      return "picks one of several equal elements and gives that one its gradient: moving it alone "
             "moves nothing, so differences tell nothing of it";
    case ConventionKind::straight_through:
      return "moves in steps, and its gradient is the identity's by definition: differences tell "
             "nothing of it";
  }
  return "";
}

/// Gradients that are right by an operator's convention, which plain differences contradict.
void note_conventions(const Evidence& evidence, std::vector<Finding>& findings) {
  for (const TensorComparison& tensor : evidence.tensors) {
    if (!tensor.convention) continue;
    Finding finding;
    finding.rule = reference_wrong_rule.id;
    finding.severity = Severity::note;
    finding.subject = tensor.result.name;
    finding.message = fmt::format("{} {}", tensor.convention->operation,
                                  convention_text(tensor.convention->kind));
    finding.place = tensor.convention->place ? tensor.convention->place : evidence.forward_place;
    finding.evidence = {{"operator", tensor.convention->operation}};
    findings.push_back(std::move(finding));
  }
}

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>& so_far) {
  std::vector<Finding> findings;
  report_starved(evidence, findings);
  report_cut(evidence, findings);
  report_elsewhere(evidence, so_far, findings);
  note_held(evidence, findings);
  note_conventions(evidence, findings);
  return findings;
}

}  // namespace reference_wrong

const Rule reference_wrong_rule{"reference-wrong",
                                "autograd is wrong: finite differences side with the manual code",
                                reference_wrong::page, reference_wrong::check};

}  // namespace gradient_check
