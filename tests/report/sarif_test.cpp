#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "gradient_check/check.h"

namespace gradient_check {
namespace {

using Json = nlohmann::json;

Finding finding_at(const std::string& file, std::size_t line) {
  Finding finding;
  finding.rule = "wrong-scale";
  finding.subject = "d_loss";
  finding.message = "d_loss is 2 times ∂loss/∂p";
  finding.help = "halve it";
  finding.place = Place{file, line, 5, 6, "    d_loss = 2 * p"};
  finding.fix = Fix{line, 14, line, 19, "2 * p", "p", true};
  return finding;
}

CaseResult failed(Finding finding) {
  CaseResult result;
  result.file = "cases/a b.json";
  result.name = "a\x1b b";
  result.verdict = Verdict::fail;
  result.findings.push_back(std::move(finding));
  return result;
}

Json only_run(const std::vector<CaseResult>& cases) {
  return Json::parse(format_report("sarif", {cases, 1.0, "1.13.1", rule_pages()}, {}))
      .at("runs")
      .at(0);
}
Json only_result(const CaseResult& result) {
  const Json results = only_run({result}).at("results");
  EXPECT_EQ(results.size(), 1U);
  return results.at(0);
}

TEST(Sarif, AResultNamesItsRulePlaceAndFix) {
  const Json run = only_run({failed(finding_at("dir/a 1.py", 7))});
  const Json result = run.at("results").at(0);
  EXPECT_EQ(result.at("ruleId"), "wrong-scale");
  const Json rule = run.at("tool").at("driver").at("rules").at(result.at("ruleIndex").get<int>());
  EXPECT_EQ(rule.at("id"), "wrong-scale");
  EXPECT_FALSE(rule.at("help").at("text").get<std::string>().empty());
  const Json place = result.at("locations").at(0).at("physicalLocation");
  EXPECT_EQ(place.at("artifactLocation").at("uri"), "dir/a%201.py");
  EXPECT_EQ(place.at("region"), (Json{{"startLine", 7}, {"startColumn", 5}, {"endColumn", 11}}));
  const Json change = result.at("fixes").at(0).at("artifactChanges").at(0);
  EXPECT_EQ(change.at("replacements").at(0).at("deletedRegion"),
            (Json{{"startLine", 7}, {"startColumn", 14}, {"endLine", 7}, {"endColumn", 19}}));
  EXPECT_EQ(change.at("replacements").at(0).at("insertedContent").at("text"), "p");
}

TEST(Sarif, AFixThatWasNotVerifiedIsNone) {
  Finding finding = finding_at("a.py", 7);
  finding.fix->verified = false;
  EXPECT_FALSE(only_result(failed(finding)).contains("fixes"));
}

TEST(Sarif, ALineOfAProgramInsideACaseIsNoLineOfTheFile) {
  const Json result = only_result(failed(finding_at("a.json#/program/source", 7)));
  const Json place = result.at("locations").at(0).at("physicalLocation");
  EXPECT_EQ(place.at("artifactLocation").at("uri"), "a.json");
  EXPECT_FALSE(place.contains("region"));
  EXPECT_FALSE(result.contains("fixes"));
}

TEST(Sarif, TheFingerprintStaysWhereLinesMove) {
  const auto fingerprint = [](const Finding& finding) {
    return only_result(failed(finding)).at("partialFingerprints").at("gradientCheckFinding/v1");
  };
  EXPECT_EQ(fingerprint(finding_at("a.py", 7)), fingerprint(finding_at("a.py", 70)));
  Finding other = finding_at("a.py", 7);
  other.subject = "d_p";
  EXPECT_NE(fingerprint(finding_at("a.py", 7)), fingerprint(other));
}

TEST(Sarif, WhatIsAsExpectedIsNoResult) {
  CaseResult result = failed(finding_at("a.py", 7));
  result.as_expected = true;
  EXPECT_TRUE(only_run({result}).at("results").empty());
  result.as_expected = false;
  result.unmet = "expected verdict pass, found fail";
  const Json results = only_run({result}).at("results");
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results.at(1).at("ruleId"), "unmet-expectation");
}

TEST(Sarif, ACaseInErrorIsAResultAndAnUnsuccessfulRun) {
  CaseResult result;
  result.file = "broken.json";
  result.message = "unknown key\xff";
  result.place = Place{"broken.json", 2, 3, 1, ""};
  const Json run = only_run({result});
  EXPECT_EQ(run.at("results").at(0).at("ruleId"), "case-error");
  EXPECT_EQ(run.at("invocations").at(0), (Json{{"executionSuccessful", false}, {"exitCode", 2}}));
}

TEST(Sarif, AChainIsACodeFlow) {
  Finding finding = finding_at("a.py", 7);
  finding.chain.push_back({"a.py", 3, 9, "log", {0}, "-inf", {"0"}, "forward"});
  finding.chain.push_back({"", 0, 0, "mean", {}, "nan", {}, "forward"});
  const Json flow = only_result(failed(finding)).at("codeFlows").at(0).at("threadFlows").at(0);
  ASSERT_EQ(flow.at("locations").size(), 2U);
  EXPECT_EQ(flow.at("locations").at(0).at("location").at("message").at("text"), "log gives -inf");
}

}  // namespace
}  // namespace gradient_check
