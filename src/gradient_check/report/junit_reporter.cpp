#include <fmt/format.h>

#include "gradient_check/report/printable.h"
#include "gradient_check/report/reporter.h"

namespace gradient_check {
namespace {

/// UTF-8 of characters that XML 1.0 has; others are U+FFFD.
std::string xml_characters(const std::string& text) {
  const auto replace = nlohmann::json::error_handler_t::replace;
  std::string valid =
      nlohmann::json::parse(nlohmann::json(text).dump(-1, ' ', false, replace)).get<std::string>();
  for (const char* none : {"\xef\xbf\xbe", "\xef\xbf\xbf"})
    for (std::size_t at = 0; (at = valid.find(none, at)) != valid.npos;)
      valid.replace(at, 3, "\xef\xbf\xbd");
  return valid;
}

/// Text for an XML attribute or element. XML 1.0 has no way to write most control characters.
std::string xml_escaped(const std::string& text) {
  std::string result;
  for (const char c : xml_characters(printable(text))) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\n':
        result += "&#10;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string details(const CaseResult& result) {
  std::string text;
  for (const Finding& finding : result.findings) {
    text += fmt::format("{}[{}]: {}\n", to_string(finding.severity), finding.rule, finding.message);
    if (finding.place)
      text += fmt::format("  --> {}:{}:{}\n", finding.place->file, finding.place->line,
                          finding.place->column);
    if (!finding.help.empty()) text += fmt::format("  = help: {}\n", finding.help);
  }
  if (!result.last_output.empty()) text += result.last_output;
  return text;
}

std::string headline(const CaseResult& result) {
  if (!result.unmet.empty()) return result.unmet;
  if (!result.message.empty()) return result.message;
  return result.findings.empty() ? to_string(result.verdict) : result.findings.front().message;
}

std::string test_case_of(const CaseResult& result) {
  const std::string open =
      fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"",
                  xml_escaped(result.file), xml_escaped(result.name), result.seconds);
  if (result.skipped) return open + "><skipped/></testcase>\n";
  if (result.passed()) return open + "/>\n";
  const char* element = result.errored() ? "error" : "failure";
  const std::string type =
      result.findings.empty() ? to_string(result.verdict) : result.findings.front().rule;
  return fmt::format("{}>\n      <{} type=\"{}\" message=\"{}\">{}</{}>\n    </testcase>\n", open,
                     element, xml_escaped(type), xml_escaped(headline(result)),
                     xml_escaped(details(result)), element);
}

std::string format_junit(const RunResult& run, const ReportStyle&) {
  const Summary s = run.summary();
  const std::string counts =
      fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3f}\"",
                  s.cases, s.failed, s.errors, s.skipped, s.seconds);
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {0}>\n  <testsuite "
      "name=\"gradient-check\" {0}>\n",
      counts);
  for (const CaseResult& result : run.cases) text += test_case_of(result);
  return text + "  </testsuite>\n</testsuites>\n";
}

}  // namespace

const Reporter junit_reporter{"junit", format_junit};

}  // namespace gradient_check
