#include "gradient_check/diagnosis/birth_finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "gradient_check/diagnosis/training/training.h"
#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace {

std::string quoted(const std::string& text) { return "`" + text + "`"; }

/// " at [3, 0]"; empty for a scalar.
std::string at(const Birth& birth) {
  return birth.index.empty() ? "" : " at " + index_text(birth.index);
}

bool is_literal(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789.eE+-_ ") == std::string::npos;
}

/// "`1 - p` is 0 and `y` is 1": the operands that are not written as numbers.
std::string operands_text(const Birth& birth) {
  std::vector<std::string> parts;
  for (const OperandValue& operand : birth.operands) {
    if (is_literal(operand.text)) continue;
    const bool is_gradient = operand.text.rfind("the gradient", 0) == 0;
    if (is_gradient && std::isnan(operand.value)) continue;
    const std::string name = operand.text.empty() ? "an operand"
                             : is_gradient        ? operand.text
                                                  : quoted(operand.text);
    parts.push_back(name + " is " + number_text(operand.value));
  }
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i)
    text += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
  return text;
}

std::string expression(const Birth& birth) {
  return birth.text.empty()                                ? birth.op
         : birth.place && birth.place->source_line.empty() ? birth.text
                                                           : quoted(birth.text);
}

std::string message(const Birth& birth, const std::string& what) {
  const std::string operands = operands_text(birth);
  if (birth.phase == Phase::autograd)
    return fmt::format("{}: {}{}, where the derivative of {} gives {}", what,
                       operands.empty() ? "it is taken" : operands, at(birth), expression(birth),
                       number_text(birth.value));
  if (operands.empty())
    return fmt::format("{}: {} is {}{}", what, expression(birth), number_text(birth.value),
                       at(birth));
  return fmt::format("{}: {}{}, so {} is {}", what, operands, at(birth), expression(birth),
                     number_text(birth.value));
}

/// "log = -inf (line 12) → mul = nan (line 12) → loss".
std::string chain_text(const Birth& birth) {
  std::string text;
  for (const ChainLink& link : birth.chain) {
    text += fmt::format("{} = {}", link.op, link.value);
    if (!link.index.empty()) text += " at " + index_text(link.index);
    if (link.line > 0) text += fmt::format(" (line {})", link.line);
    text += " → ";
  }
  return text;
}

/// What is spoilt, and what is not: "the loss is finite, the gradient of w is not".
std::string reach_text(const Birth& birth, const Evidence& evidence) {
  std::vector<std::string> gradients;
  bool loss = false;
  for (const std::string& result : birth.reaches) {
    if (result == "loss")
      loss = true;
    else
      gradients.push_back(result);
  }
  const bool loss_finite = std::isfinite(evidence.loss) &&
                           (!evidence.manual_loss || std::isfinite(*evidence.manual_loss));
  if (loss && gradients.empty()) return "it reaches the loss; no gradient is touched";
  const std::string spoilt =
      fmt::format("the gradient{} of {}", gradients.size() == 1 ? "" : "s", names_text(gradients));
  if (loss) return fmt::format("it reaches the loss and {}", spoilt);
  if (loss_finite)
    return fmt::format("the loss is finite, {} not",
                       spoilt + (gradients.size() == 1 ? " is" : " are"));
  return fmt::format("it reaches {}", spoilt);
}

/// What becomes of it in training.
void add_training_notes(const Birth& birth, const Evidence& evidence, Finding& finding) {
  if (!evidence.training) return;
  const TrainingEvidence& training = *evidence.training;
  if (training.nan_birth && training.run.first_nan)
    finding.notes.push_back(fmt::format("at step {} it turns into nan: {}loss",
                                        *training.run.first_nan, chain_text(*training.nan_birth)));
  if (birth.is_ahead)
    finding.notes.push_back("the run ends one step before: all that it computed is finite");
  if (birth.is_symptom)
    finding.notes.push_back("this is how the run dies, not why: see the finding about its cause");
}

void add_birth_notes(const Birth& birth, const Evidence& evidence, Finding& finding) {
  finding.notes = birth.origin;
  if (birth.phase == Phase::autograd && !birth.value_is_finite)
    finding.notes.push_back(fmt::format(
        "{} is not finite there; the loss does not use it, but its derivative, times 0, is nan",
        expression(birth)));
  if (birth.call && birth.place)
    finding.notes.push_back(fmt::format(
        "called at line {}: {}", birth.call->line,
        birth.call->source_line.substr(std::min(birth.call->source_line.find_first_not_of(" \t"),
                                                birth.call->source_line.size()))));
  if (birth.elements > 1)
    finding.notes.push_back(fmt::format("{} elements are born there at once", birth.elements));
  if (birth.chain.size() > 1)
    finding.notes.push_back("from there: " + chain_text(birth) +
                            (birth.reaches.empty() ? "" : birth.reaches.front()));
  if (birth.fix)
    finding.notes.push_back(
        birth.fixes_a_mistake
            ? "re-run with the fix: every gradient matches, here and at other parameters"
            : "re-run with the stable form: finite here, and the same value wherever it was finite "
              "before");
  if (birth.step)
    add_training_notes(birth, evidence, finding);
  else
    finding.notes.push_back(reach_text(birth, evidence));
}

}  // namespace

std::vector<Finding> birth_findings(const Rule& rule, Cause cause, const Evidence& evidence,
                                    const std::string& what, const std::string& help) {
  std::vector<Finding> findings;
  for (const Birth& birth : evidence.births) {
    if (birth.cause != cause) continue;
    Finding finding;
    finding.rule = rule.id;
    finding.subject = birth.variable.empty() ? birth.text : birth.variable;
    if (finding.subject.empty()) finding.subject = birth.op;
    if (birth.is_symptom || birth.is_ahead) finding.severity = Severity::warning;
    finding.message = message(birth, what);
    if (birth.step) {
      finding.message = fmt::format("at step {} of training, {}", *birth.step, finding.message);
      finding.evidence["step"] = *birth.step;
    }
    finding.place = birth.place;
    finding.evidence.update({{"op", birth.op},
                             {"phase", to_string(birth.phase)},
                             {"index", birth.index},
                             {"value", number_text(birth.value)},
                             {"elements", birth.elements},
                             {"dtype", birth.dtype},
                             {"reaches", birth.reaches}});
    auto operands = nlohmann::ordered_json::array();
    for (const OperandValue& operand : birth.operands)
      operands.push_back(number_text(operand.value));
    finding.evidence["operands"] = std::move(operands);
    add_birth_notes(birth, evidence, finding);
    finding.chain = birth.chain;
    finding.fix = birth.fix;
    finding.help = birth.fix ? fmt::format("write `{}` instead of `{}`", birth.fix->replacement,
                                           birth.fix->original)
                   : birth.stable_form.empty() ? help
                                               : birth.stable_form;
    findings.push_back(std::move(finding));
  }
  return findings;
}

bool is_born(const Evidence& evidence, const std::string& result) {
  return std::any_of(evidence.births.begin(), evidence.births.end(), [&](const Birth& birth) {
    return std::find(birth.reaches.begin(), birth.reaches.end(), result) != birth.reaches.end();
  });
}

}  // namespace gradient_check
