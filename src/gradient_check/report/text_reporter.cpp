#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

#include "gradient_check/diagnosis/wording.h"
#include "gradient_check/report/printable.h"
#include "gradient_check/report/reporter.h"
#include "gradient_check/report/training_text.h"

namespace gradient_check {
namespace {

/// Formats one run as text in rustc's manner.
class TextFormatter {
 public:
  explicit TextFormatter(const ReportStyle& style) : style_(style) {}

  std::string format(const RunResult& run) {
    for (const CaseResult& result : run.cases) add_case(result);
    add_summary(run.summary());
    return std::move(text_);
  }

 private:
  enum class Paint { red, yellow, green, blue, bold };

  std::string paint(Paint color, const std::string& text) const {
    static constexpr const char* codes[] = {"1;31", "1;33", "32", "1;34", "1"};
    if (!style_.color) return text;
    return fmt::format("\x1b[{}m{}\x1b[0m", codes[static_cast<std::size_t>(color)], text);
  }

  void add_case(const CaseResult& result) {
    if (style_.verbosity < 0 && (result.passed() || result.skipped)) return;
    const std::string title = fmt::format("{} ({})", one_line(result.file), one_line(result.name));
    if (result.skipped) {
      text_ += fmt::format("skip  {}\n", title);
      return;
    }
    const std::string status = result.passed()    ? paint(Paint::green, "ok   ")
                               : result.errored() ? paint(Paint::red, "ERROR")
                                                  : paint(Paint::red, "FAIL ");
    std::string remark;
    if (result.passed() && result.verdict != Verdict::pass)
      remark = fmt::format(", {} as expected", to_string(result.verdict));
    if (!result.passed() && result.verdict == Verdict::inconclusive) remark = ", inconclusive";
    text_ += fmt::format("{} {}  {:.0f} ms{}\n", status, title, result.seconds * 1000, remark);
    if (!result.taken.empty())
      text_ += fmt::format(
          "      with {}, which were found by trying (--shape, --set, or a case, "
          "put others)\n",
          one_line(result.taken));
    if (result.passed() && style_.verbosity < 1) return;
    add_details(result);
  }

  void add_details(const CaseResult& result) {
    if (!result.unmet.empty())
      text_ += fmt::format("{}: {}\n", paint(Paint::red, "unexpected"), printable(result.unmet));
    if (!result.message.empty()) {
      text_ += fmt::format("{}: {}\n",
                           paint(Paint::red, result.verdict == Verdict::error ? "error" : "note"),
                           printable(result.message));
      if (result.place) add_place(*result.place);
      if (!result.json_path.empty())
        text_ += fmt::format("  = note: at {}\n", one_line(result.json_path));
      if (!result.last_output.empty()) add_output(result.last_output);
    }
    for (const Finding& finding : result.findings) add_finding(finding);
    add_table(result);
    if (result.training) text_ += training_text(*result.training);
    text_ += "\n";
  }

  void add_output(const std::string& output) {
    text_ += "  = note: it printed last:\n";
    std::istringstream lines(printable(output));
    for (std::string line; std::getline(lines, line);) text_ += "        | " + line + "\n";
  }

  void add_finding(const Finding& finding) {
    const Paint color = finding.severity == Severity::error     ? Paint::red
                        : finding.severity == Severity::warning ? Paint::yellow
                                                                : Paint::blue;
    text_ += fmt::format(
        "{}: {}\n", paint(color, fmt::format("{}[{}]", to_string(finding.severity), finding.rule)),
        paint(Paint::bold, printable(finding.message)));
    if (finding.place) add_place(*finding.place);
    for (const std::string& note : finding.notes)
      text_ += fmt::format("  = note: {}\n", printable(note));
    if (!finding.help.empty()) text_ += fmt::format("  = help: {}\n", printable(finding.help));
  }

  /// `--> file:line:column`, and where the line is known, the line with carets.
  void add_place(const Place& place) {
    std::string where = one_line(place.file);
    if (place.line > 0)
      where += fmt::format(":{}:{}", place.line, std::max<std::size_t>(place.column, 1));
    text_ += fmt::format("  {} {}\n", paint(Paint::blue, "-->"), where);
    if (place.source_line.empty() || place.line == 0) return;
    const std::string number = std::to_string(place.line);
    const std::string margin(number.size(), ' ');
    const std::string bar = paint(Paint::blue, "|");
    const std::string line = one_line(place.source_line);
    const std::size_t column = std::clamp<std::size_t>(place.column, 1, line.size() + 1);
    const std::size_t room = std::max<std::size_t>(1, line.size() + 1 - column);
    text_ += fmt::format(
        "{} {}\n{} {} {}\n{} {} {}{}\n", margin, bar, paint(Paint::blue, number), bar, line, margin,
        bar, std::string(column - 1, ' '),
        paint(Paint::red, std::string(std::clamp<std::size_t>(place.width, 1, room), '^')));
  }

  void add_table(const CaseResult& result) {
    if (result.gradients.empty()) return;
    std::vector<std::vector<std::string>> rows{{"gradient", "shape", "verdict", "wrong", "elements",
                                                "at", "manual", "autograd", "finite difference"}};
    for (const GradientResult& gradient : result.gradients) rows.push_back(row_of(gradient));
    std::vector<std::size_t> widths(rows[0].size());
    for (const auto& row : rows)
      for (std::size_t c = 0; c < row.size(); ++c)
        widths[c] = std::max(widths[c], shown_width(row[c]));
    for (const auto& row : rows) {
      std::string line = " ";
      for (std::size_t c = 0; c < row.size(); ++c)
        line += fmt::format(" {}{} ", row[c], std::string(widths[c] - shown_width(row[c]), ' '));
      line.erase(line.find_last_not_of(' ') + 1);
      text_ += line + "\n";
    }
  }

  /// Columns that UTF-8 text takes, for characters of width one.
  static std::size_t shown_width(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
    }));
  }

  static std::vector<std::string> row_of(const GradientResult& gradient) {
    const ElementValues values = gradient.worst.value_or(ElementValues{});
    const auto text = [](const std::optional<double>& value) {
      return value ? number_text(*value) : std::string("-");
    };
    std::string difference = text(values.finite_difference);
    if (values.finite_difference_error)
      difference += fmt::format(" ± {:.1g}", *values.finite_difference_error);
    else if (gradient.certificate.relative_error_bound)
      difference =
          fmt::format("‖error‖ ≤ {:.1g} ‖gradient‖{}", *gradient.certificate.relative_error_bound,
                      gradient.certificate.distance ? " nearby" : "");
    return {one_line(gradient.name),
            index_text(gradient.shape) + (gradient.is_complex ? " re, im" : ""),
            to_string(gradient.verdict),
            to_string(gradient.wrong),
            fmt::format("{}/{}", gradient.mismatched, gradient.elements),
            gradient.worst ? index_text(values.index) : "-",
            text(values.manual),
            text(values.autograd),
            difference};
  }

  void add_summary(const Summary& s) {
    const bool good = s.failed == 0 && s.errors == 0;
    text_ += paint(good ? Paint::green : Paint::red,
                   fmt::format("{} case{}: {} passed, {} failed, {} error{}, {} skipped", s.cases,
                               s.cases == 1 ? "" : "s", s.passed, s.failed, s.errors,
                               s.errors == 1 ? "" : "s", s.skipped));
    text_ += fmt::format(" in {:.2f} s\n", s.seconds);
  }

  ReportStyle style_;
  std::string text_;
};

std::string format_text(const RunResult& run, const ReportStyle& style) {
  return TextFormatter(style).format(run);
}

}  // namespace

const Reporter text_reporter{"text", format_text};

}  // namespace gradient_check
