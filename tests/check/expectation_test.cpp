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

ExpectedFinding of_rule(const char* rule) {
  ExpectedFinding expected;
  expected.rule = rule;
  return expected;
}

TEST(Expectation, ComparesOnTheKeysGiven) {
  EXPECT_TRUE(met({"fail", {}}));
  EXPECT_FALSE(met({"pass", {}}));
  ExpectedFinding whole = of_rule("unexplained");
  whole.subject = "w";
  whole.severity = "error";
  whole.file = "a.py";
  whole.line = 7;
  whole.column = 3;
  EXPECT_TRUE(met({"fail", {whole}}));
  ExpectedFinding named;
  named.subject = "w";
  EXPECT_TRUE(met({std::nullopt, {named}}));
  whole.line = 8;
  EXPECT_FALSE(met({"fail", {whole}}));
  EXPECT_FALSE(met({"fail", {of_rule("kink")}}));
}

TEST(Expectation, ComparesPhaseIndexAndStep) {
  CaseResult result = failed();
  result.findings[0].evidence = {{"phase", "manual"}, {"index", {3, 0}}, {"step", 418}};
  const auto is_met = [&](const ExpectedFinding& expected) {
    apply_expectation({"fail", {expected}}, result);
    return *result.as_expected;
  };
  ExpectedFinding expected = of_rule("unexplained");
  expected.phase = "manual";
  expected.index = {3, 0};
  expected.step = 418;
  EXPECT_TRUE(is_met(expected));
  expected.phase = "backward";
  EXPECT_TRUE(is_met(expected));
  expected.phase = "forward";
  EXPECT_FALSE(is_met(expected));
  expected.phase = std::nullopt;
  expected.index = {0, 3};
  EXPECT_FALSE(is_met(expected));
  expected.index = std::nullopt;
  expected.step = 417;
  EXPECT_FALSE(is_met(expected));
}

TEST(Expectation, AllowsNoOtherErrorThanThoseListed) {
  CaseResult result = failed();
  Finding other;
  other.rule = "shape-mismatch";
  result.findings.push_back(other);
  apply_expectation({"fail", {of_rule("unexplained")}}, result);
  EXPECT_FALSE(*result.as_expected);
  result.findings.back().severity = Severity::warning;
  apply_expectation({"fail", {of_rule("unexplained")}}, result);
  EXPECT_TRUE(*result.as_expected);
}

}  // namespace
}  // namespace gradient_check
