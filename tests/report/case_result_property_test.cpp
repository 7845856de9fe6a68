#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

#include "gradient_check/report/case_result.h"

namespace gradient_check {
namespace {

rc::Gen<double> number() {
  return rc::gen::oneOf(
      rc::gen::arbitrary<double>(),
      rc::gen::element(0.0, -0.0, std::nan(""), std::numeric_limits<double>::infinity(),
                       -std::numeric_limits<double>::infinity(),
                       std::numeric_limits<double>::denorm_min(), 0.1));
}

rc::Gen<std::string> words() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
                          "a", "\xc2\xb1", "\"", "\\", "\n", "\x1b", "<", "&", " ")),
                      [](const std::vector<std::string>& pieces) {
                        std::string text;
                        for (const std::string& piece : pieces) text += piece;
                        return text;
                      });
}

std::optional<double> maybe_number() {
  return *rc::gen::arbitrary<bool>() ? std::optional(*number()) : std::nullopt;
}

std::optional<Place> maybe_place() {
  if (*rc::gen::arbitrary<bool>()) return std::nullopt;
  const auto count = rc::gen::inRange<std::size_t>(0, 1000);
  return Place{*words(), *count, *count, *count, *words()};
}

GradientResult any_gradient() {
  const auto sizes =
      rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 1 << 20));
  GradientResult gradient;
  gradient.name = *words();
  gradient.shape = *sizes;
  gradient.verdict = static_cast<TensorVerdict>(*rc::gen::inRange(0, 5));
  gradient.wrong = static_cast<Wrong>(*rc::gen::inRange(0, 5));
  gradient.max_abs_error = *number();
  gradient.max_rel_error = *number();
  gradient.mismatched = *rc::gen::arbitrary<std::int64_t>();
  gradient.elements = *rc::gen::arbitrary<std::int64_t>();
  if (*rc::gen::arbitrary<bool>())
    gradient.worst =
        ElementValues{*sizes, maybe_number(), maybe_number(), maybe_number(), maybe_number()};
  gradient.certificate = {*words(),
                          *rc::gen::arbitrary<std::int64_t>(),
                          *rc::gen::inRange<std::int64_t>(1, 100),
                          maybe_number(),
                          maybe_number(),
                          maybe_number()};
  gradient.is_complex = *rc::gen::arbitrary<bool>();
  if (*rc::gen::arbitrary<bool>()) {
    gradient.plot.emplace();
    gradient.plot->sample.push_back({*rc::gen::arbitrary<std::int64_t>(), *number(), maybe_number(),
                                     maybe_number(), maybe_number(), maybe_number(),
                                     static_cast<SampledElement::State>(*rc::gen::inRange(0, 3))});
    gradient.plot->error_map = ErrorMap{2, 3, 1, {*number(), *number()}};
  }
  return gradient;
}

Finding any_finding() {
  Finding finding;
  finding.rule = *words();
  finding.severity = static_cast<Severity>(*rc::gen::inRange(0, 3));
  finding.message = *words();
  finding.subject = *words();
  finding.place = maybe_place();
  finding.evidence = {{"factor", number_to_json(*number())}};
  finding.help = *words();
  return finding;
}

CaseResult any_case() {
  CaseResult result;
  result.file = *words();
  result.name = *words();
  result.verdict = static_cast<Verdict>(*rc::gen::inRange(0, 4));
  if (*rc::gen::arbitrary<bool>()) result.as_expected = *rc::gen::arbitrary<bool>();
  result.unmet = *words();
  result.message = *words();
  result.place = maybe_place();
  result.json_path = *words();
  result.seconds = std::abs(*rc::gen::arbitrary<double>());
  if (*rc::gen::arbitrary<bool>()) result.loss = LossValues{maybe_number(), *number()};
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) result.gradients.push_back(any_gradient());
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) result.findings.push_back(any_finding());
  if (*rc::gen::arbitrary<bool>()) result.sources.push_back({*words(), *words()});
  result.skipped = *rc::gen::arbitrary<bool>();
  result.unread = *rc::gen::arbitrary<bool>();
  return result;
}

bool same(const std::optional<double>& a, const std::optional<double>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return (std::isnan(*a) && std::isnan(*b)) || (*a == *b && std::signbit(*a) == std::signbit(*b));
}

bool same(const std::optional<Place>& a, const std::optional<Place>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->file == b->file && a->line == b->line && a->column == b->column &&
         a->width == b->width && a->source_line == b->source_line;
}

RC_GTEST_PROP(CaseResultJson, LosesNothingOfAnyResult, ()) {
  const CaseResult before = any_case();
  const auto json = to_json(before);
  const CaseResult after = case_result_from_json(nlohmann::ordered_json::parse(json.dump()));
  RC_ASSERT(to_json(after) == json);
  // What to_json did not write, the line above could not miss.
  RC_ASSERT(after.message == before.message);
  RC_ASSERT(after.as_expected == before.as_expected);
  RC_ASSERT(after.passed() == before.passed());
  RC_ASSERT(after.errored() == before.errored());
  RC_ASSERT(same(after.place, before.place));
  RC_ASSERT(after.sources.size() == before.sources.size());
  RC_ASSERT(same(after.seconds, before.seconds));
  RC_ASSERT(after.loss.has_value() == before.loss.has_value());
  if (before.loss) RC_ASSERT(same(after.loss->manual, before.loss->manual));
  RC_ASSERT(after.findings.size() == before.findings.size());
  for (std::size_t i = 0; i < before.findings.size(); ++i) {
    RC_ASSERT(same(after.findings[i].place, before.findings[i].place));
    RC_ASSERT(after.findings[i].severity == before.findings[i].severity);
  }
  for (std::size_t i = 0; i < before.gradients.size(); ++i) {
    const auto &a = after.gradients.at(i), &b = before.gradients[i];
    RC_ASSERT(a.verdict == b.verdict);
    RC_ASSERT(a.wrong == b.wrong);
    RC_ASSERT(a.worst.has_value() == b.worst.has_value());
    RC_ASSERT(same(a.max_abs_error, b.max_abs_error));
    RC_ASSERT(a.plot.has_value() == b.plot.has_value());
    if (b.plot) RC_ASSERT(same(a.plot->error_map->cells.at(1), b.plot->error_map->cells[1]));
    if (b.worst)
      RC_ASSERT(same(a.worst->finite_difference_error, b.worst->finite_difference_error));
  }
}

}  // namespace
}  // namespace gradient_check
