#include "diagnosis/effect.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>

#include "gradient_check/gradient/scan.h"
#include "gradient_check/subject/evaluation_scope.h"
#include "gradient_check/subject/program/stepwise.h"

namespace gradient_check {
namespace {

/// Rules for a mutation that divides by zero, or the like.
std::set<std::string> rules_of_non_finite() {
  return {"log-of-zero",
          "log-of-negative",
          "division-by-zero",
          "zero-over-zero",
          "zero-times-infinity",
          "infinity-minus-infinity",
          "exp-overflow",
          "overflow",
          "infinity-over-infinity",
          "sqrt-of-negative",
          "domain-error"};
}

/// Rules for a value that is wrong as a whole.
std::set<std::string> rules_of_values(const at::Tensor& right, const at::Tensor& wrong) {
  if (!right.defined() || !wrong.defined()) return {};
  if (right.sizes() != wrong.sizes()) return {"shape-mismatch", "broadcast-not-reduced"};
  if (!at::isfinite(wrong).all().item<bool>()) return rules_of_non_finite();
  std::set<std::string> rules;
  const double close = 1e-9 * largest_magnitude(wrong);
  const double square = (right * right).sum().item<double>();
  const double factor = square == 0 ? 0 : (right * wrong).sum().item<double>() / square;
  if (largest_magnitude(wrong - factor * right) <= close) {
    rules.insert("wrong-scale");
    if (factor < 0) rules.insert("sign-flipped");
  }
  if (right.dim() >= 2 && right.size(-1) == right.size(-2) &&
      largest_magnitude(wrong - right.transpose(-2, -1)) <= close)
    rules.insert("transposed");
  return rules;
}

constexpr std::size_t none = static_cast<std::size_t>(-1);

/// The first write that differs, at those lines or, without any, anywhere.
std::size_t first_difference(const std::vector<TracedWrite>& right,
                             const std::vector<TracedWrite>& wrong,
                             const std::set<std::size_t>& lines) {
  for (std::size_t i = 0; i < std::min(right.size(), wrong.size()); ++i) {
    if (right[i].name != wrong[i].name || right[i].line != wrong[i].line) return none;
    if (!lines.empty() && !lines.count(right[i].line)) continue;
    const at::Tensor &a = right[i].value, &b = wrong[i].value;
    if (!a.defined() && !b.defined()) continue;
    if (!a.defined() || !b.defined()) return i;
    if (a.sizes() != b.sizes() || !a.equal(b)) return i;
  }
  return none;
}

}  // namespace

std::vector<TracedWrite> traced_writes(const Subject& subject, const std::string& text,
                                       const NamedTensors& values, const at::Tensor& grad_output) {
  std::vector<TracedWrite> writes;
  try {
    const EvaluationScope scope(at::kDouble);
    const StepwiseProgram* steps = subject.stepwise();
    if (!steps) return writes;
    const Trace trace = steps->run_manual(values, grad_output, {});
    for (const Write& write : trace.writes) {
      TracedWrite traced{write.name, write.value, write.is_entry};
      if (write.statement) {
        traced.statement = write.statement->span.begin;
        const bool inside = write.is_entry && write.expression;
        traced.line = line_at(text, inside ? write.expression->span.begin : traced.statement);
      }
      writes.push_back(std::move(traced));
    }
  } catch (const std::exception&) {
    writes.clear();
  }
  return writes;
}

ProgramFacts facts_of(const std::vector<TracedWrite>& writes) {
  ProgramFacts facts;
  Shapes visible;
  for (const TracedWrite& write : writes) {
    if (write.statement != TracedWrite::argument) {
      facts.visible.emplace(write.statement, visible);
      auto& written = facts.written[write.statement];
      if (write.value.defined()) written.insert(write.name);
    }
    if (write.is_entry) continue;
    if (write.value.defined())
      visible[write.name] = write.value.sizes().vec();
    else
      visible.erase(write.name);
  }
  return facts;
}

std::optional<std::size_t> first_wrong_line(const std::vector<TracedWrite>& right,
                                            const std::vector<TracedWrite>& wrong) {
  const std::size_t at = first_difference(right, wrong, {});
  return at == none ? std::nullopt : std::optional(right[at].line);
}

std::set<std::string> rules_of_effect(const std::vector<TracedWrite>& right,
                                      const std::vector<TracedWrite>& wrong,
                                      const std::set<std::size_t>& lines) {
  const std::size_t at = first_difference(right, wrong, lines);
  if (at == none) return {};
  return rules_of_values(right[at].value, wrong[at].value);
}

}  // namespace gradient_check
