#include "gradient_check/case/expectation_loader.h"

#include <fmt/format.h>

#include <algorithm>

#include "gradient_check/case/rule_names.h"
#include "gradient_check/case/suggest.h"

namespace gradient_check {
namespace {

std::int64_t position(const JsonCursor& cursor, std::string_view what) {
  const std::int64_t value = cursor.as_integer(what);
  if (value < 1) cursor.fail(fmt::format("{} is at least 1, found {}", what, value));
  return value;
}

std::string one_of(const JsonCursor& cursor, std::string_view what,
                   const std::vector<std::string>& names) {
  const std::string& name = cursor.as_string(fmt::format("a {}'s name", what));
  if (std::find(names.begin(), names.end(), name) == names.end())
    cursor.fail(fmt::format("unknown {} '{}'{}", what, name, suggest(name, names)));
  return name;
}

ExpectedFinding load_expected_finding(const JsonCursor& cursor) {
  cursor.expect_object("a finding, an object");
  cursor.expect_keys(
      {"rule", "subject", "line", "column", "severity", "file", "phase", "index", "step"},
      "a finding");
  ExpectedFinding finding;
  for (const JsonMember& member : cursor->members) {
    const JsonCursor at = cursor.member(member);
    if (member.key == "line") finding.line = position(at, "a line number");
    if (member.key == "column") finding.column = position(at, "a column number");
    if (member.key == "phase") finding.phase = one_of(at, "phase", phase_names());
    if (member.key == "step") finding.step = at.as_integer("a training step");
    if (member.key == "index") {
      at.expect_array("an index, an array of integers");
      finding.index.emplace();
      for (std::size_t i = 0; i < at->items.size(); ++i)
        finding.index->push_back(at.item(i).as_integer("an index, an integer"));
    }
    if (member.key == "subject") finding.subject = at.as_string("a subject's name");
    if (member.key == "file") finding.file = at.as_string("a file's name");
    if (member.key == "rule") finding.rule = one_of(at, "rule", rule_names());
    if (member.key == "severity")
      finding.severity = one_of(at, "severity", {"error", "warning", "note"});
  }
  return finding;
}

}  // namespace

Expectation load_expectation(const JsonCursor& expect) {
  expect.expect_object("expect, an object");
  expect.expect_keys({"verdict", "findings"}, "expect");
  Expectation expectation;
  for (const JsonMember& member : expect->members) {
    const JsonCursor at = expect.member(member);
    if (member.key == "verdict") {
      expectation.verdict = at.as_string("a verdict");
      const auto& names = verdict_names();
      if (std::find(names.begin(), names.end(), *expectation.verdict) == names.end())
        at.fail(fmt::format("unknown verdict '{}'{}", *expectation.verdict,
                            suggest(*expectation.verdict, names)));
      continue;
    }
    at.expect_array("findings, an array of objects");
    for (std::size_t i = 0; i < at->items.size(); ++i)
      expectation.findings.push_back(load_expected_finding(at.item(i)));
  }
  return expectation;
}

}  // namespace gradient_check
