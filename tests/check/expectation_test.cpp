#include "gradient_check/expectation.h"

#include <gtest/gtest.h>

namespace gradient_check {
namespace {

CaseResult failed() {
  CaseResult result;
  result.verdict = Verdict::fail;
  Finding finding;
  finding.rule = "unexplained";
  finding.subject = "w";
  finding.place = Place{"cases/a.py", 7, 3, 1, ""};
  result.findings = {finding};
  return result;
}

bool met(const Expectation& expectation) {
  CaseResult result = failed();
  apply_expectation(expectation, result);
  EXPECT_EQ(result.unmet.empty(), *result.as_expected);
  EXPECT_EQ(result.passed(), *result.as_expected);
  return *result.as_expected;
}

TEST(Expectation, ComparesOnTheKeysGiven) {
  EXPECT_TRUE(met({"fail", {}}));
  EXPECT_FALSE(met({"pass", {}}));
  EXPECT_TRUE(met({"fail", {{"unexplained", "w", "error", "a.py", 7, 3}}}));
  EXPECT_TRUE(met({std::nullopt, {{std::nullopt, "w", {}, {}, {}, {}}}}));
  EXPECT_FALSE(met({"fail", {{"unexplained", "w", {}, {}, 8, {}}}}));
  EXPECT_FALSE(met({"fail", {{"kink", {}, {}, {}, {}, {}}}}));
}

TEST(Expectation, AllowsNoOtherErrorThanThoseListed) {
  CaseResult result = failed();
  Finding other;
  other.rule = "shape-mismatch";
  result.findings.push_back(other);
  apply_expectation({"fail", {{"unexplained", {}, {}, {}, {}, {}}}}, result);
  EXPECT_FALSE(*result.as_expected);
  result.findings.back().severity = Severity::warning;
  apply_expectation({"fail", {{"unexplained", {}, {}, {}, {}, {}}}}, result);
  EXPECT_TRUE(*result.as_expected);
}

}  // namespace
}  // namespace gradient_check
