#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <pugixml.hpp>

#include "gradient_check/report/printable.h"
#include "gradient_check/report/reporter.h"

namespace gradient_check {
namespace {

using testing::HasSubstr;

CaseResult failing() {
  CaseResult result;
  result.file = "cases/<a> & \"b\".json";
  result.name = "bad\x1b[31m name\xff";
  result.verdict = Verdict::fail;
  result.seconds = 0.25;
  result.loss = LossValues{1.5, std::nan("")};
  GradientResult gradient;
  gradient.name = "w";
  gradient.shape = {2, 2};
  gradient.verdict = TensorVerdict::mismatch;
  gradient.wrong = Wrong::manual;
  gradient.max_abs_error = INFINITY;
  gradient.max_rel_error = 0.1;
  gradient.mismatched = 1;
  gradient.elements = 4;
  gradient.worst = ElementValues{{0, 1}, 0.1, 0.2, 0.2, 1e-12};
  gradient.certificate = {"every_element", 4, 0, {}, {}, {}};
  result.gradients.push_back(gradient);
  Finding finding;
  finding.rule = "unexplained";
  finding.subject = "w";
  finding.message = "the gradient is wrong: 100%";
  finding.help = "look,\nhere";
  finding.place = Place{"a.py", 3, 5, 4, "    d_w = x"};
  finding.evidence = {{"factor", -4.0}};
  result.findings.push_back(finding);
  return result;
}

RunResult run() {
  CaseResult good;
  good.file = "good.json";
  good.name = "good";
  good.verdict = Verdict::pass;
  CaseResult broken;
  broken.file = "broken.json";
  broken.name = "broken";
  broken.message = "unknown key";
  broken.place = Place{"broken.json", 2, 3, 1, ""};
  return {{good, failing(), broken}, 1.0, "1.13.1"};
}

TEST(CaseResultJson, LosesNothing) {
  const auto json = to_json(failing());
  EXPECT_EQ(to_json(case_result_from_json(json)), json);
  EXPECT_EQ(json["gradients"][0]["max_abs_error"], "inf");
  EXPECT_EQ(json["loss"]["autograd"], "nan");
}

TEST(JsonReport, IsValidWhateverTheTextHolds) {
  const auto json = nlohmann::json::parse(format_report("json", run(), {}));
  EXPECT_EQ(json["schema_version"], 1);
  EXPECT_EQ(json["summary"]["cases"], 3);
  EXPECT_EQ(json["summary"]["passed"], 1);
  EXPECT_EQ(json["summary"]["failed"], 1);
  EXPECT_EQ(json["summary"]["errors"], 1);
  EXPECT_EQ(json["tool"]["libtorch"], "1.13.1");
}

TEST(JunitReport, IsXmlWithAFailureAndAnError) {
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(format_report("junit", run(), {}).c_str()));
  const auto suite = document.child("testsuites").child("testsuite");
  EXPECT_EQ(suite.attribute("tests").as_int(), 3);
  auto node = suite.child("testcase");
  EXPECT_TRUE(node.first_child().empty());
  node = node.next_sibling();
  EXPECT_STREQ(node.attribute("classname").value(), "cases/<a> & \"b\".json");
  EXPECT_STREQ(node.child("failure").attribute("type").value(), "unexplained");
  EXPECT_STREQ(node.next_sibling().child("error").attribute("message").value(), "unknown key");
}

TEST(GithubReport, EscapesItsCommands) {
  const std::string text = format_report("github", run(), {});
  EXPECT_THAT(text, HasSubstr("::error file=a.py,line=3,col=5,title=unexplained"));
  EXPECT_THAT(text, HasSubstr("100%25%0Ahelp: look,%0Ahere"));
}

TEST(TextReport, ReadsLikeACompiler) {
  const std::string text = format_report("text", run(), {});
  EXPECT_THAT(text, HasSubstr("error[unexplained]: the gradient is wrong: 100%\n"
                              "  --> a.py:3:5\n"
                              "  |\n"
                              "3 |     d_w = x\n"
                              "  |     ^^^^\n"));
  EXPECT_EQ(text.find('\x1b'), std::string::npos)
      << "control characters of a case reach the terminal";
  EXPECT_THAT(format_report("text", run(), {true, 0}), HasSubstr("\x1b[1;31m"));
}

// nlohmann_json would convert them, which is undefined where they do not fit.
TEST(JsonReport, NumbersThatAreNotWholeAreNone) {
  nlohmann::ordered_json json = to_json(run().cases.front());
  json["training"] = {{"steps", 3},
                      {"losses", nlohmann::ordered_json::array()},
                      {"changed_runs", nlohmann::ordered_json::array()},
                      {"gradients_before", nlohmann::ordered_json::array()}};
  EXPECT_EQ(case_result_from_json(json).training->steps, 3);
  for (const char* text : {"1e115", "2.5", "18446744073709551615", "\"3\"", "null"}) {
    json["training"]["steps"] = nlohmann::ordered_json::parse(text);
    EXPECT_THROW(case_result_from_json(json), std::invalid_argument) << text;
  }
}

TEST(Printable, HoldsNoCommandToWhatShowsIt) {
  EXPECT_EQ(printable("a\tb\nc"), "a\tb\nc");
  EXPECT_EQ(printable("\x1b[31m\x7f\r"), "\\x1b[31m\\x7f\\x0d");
  // C1 controls, of which U+009B is ESC [ to some terminals; what reorders text, or breaks lines.
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\u009b31m");
  EXPECT_EQ(printable("a\xe2\x80\xae"
                      "b\xe2\x81\xa9\xd8\x9c\xe2\x80\xa8"),
            "a\\u202eb\\u2069\\u061c\\u2028");
  EXPECT_EQ(printable("∂loss/∂w ≈ ±1 é 𝛼"), "∂loss/∂w ≈ ±1 é 𝛼");
  // What is no UTF-8 stays, cut short or not.
  for (const char* text : {"\xff", "\xc2", "\xe2\x80", "\x9b", "\xe2\x80z"})
    EXPECT_EQ(printable(text), text);
  // GitHub's runner obeys these: ::name at the start of a line, ##[name] anywhere.
  EXPECT_EQ(printable("::error::x"), "\\x3a:error::x");
  EXPECT_EQ(printable("a ::error::\n \t::error::"), "a ::error::\n \t\\x3a:error::");
  EXPECT_EQ(printable("x  # ##[error]y"), "x  # \\x23#[error]y");
  EXPECT_EQ(one_line("a\n::b"), "a\\n\\x3a:b");
}

TEST(TextReport, OfWhatACasePrintedIsBehindABar) {
  RunResult all = run();
  all.cases.front().verdict = Verdict::error;
  all.cases.front().message = "the case ended";
  all.cases.front().last_output = "one\n::error::two";
  EXPECT_THAT(format_report("text", all, {}),
              HasSubstr("it printed last:\n        | one\n        | \\x3a:error::two\n"));
}

TEST(ExitStatus, IsTwoForAnErrorOneForAFailure) {
  RunResult all = run();
  EXPECT_EQ(all.exit_status(), 2);
  all.cases.pop_back();
  EXPECT_EQ(all.exit_status(), 1);
  all.cases.pop_back();
  EXPECT_EQ(all.exit_status(), 0);
}

}  // namespace
}  // namespace gradient_check
