#include <stdexcept>

#include "gradient_check/report/html/page.h"
#include "gradient_check/report/reporter.h"

namespace gradient_check {
namespace {

/// The JSON report as it may stand inside a script element: no `<` is left that could end it.
std::string as_script_data(const RunResult& run) {
  const std::string json =
      to_json(run).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  std::string text;
  text.reserve(json.size());
  for (const char c : json) {
    if (c == '<')
      text += "\\u003c";
    else
      text += c;
  }
  return text;
}

/// One file that opens offline: the page with D3, and the JSON report, which the page draws.
std::string format_html(const RunResult& run, const ReportStyle&) {
  const std::string page = html_page;
  const std::size_t marker = page.find(html_data_marker);
  if (marker == std::string::npos) throw std::logic_error("the HTML page has no place for data");
  return page.substr(0, marker) + as_script_data(run) +
         page.substr(marker + std::string(html_data_marker).size());
}

}  // namespace

const Reporter html_reporter{"html", format_html};

}  // namespace gradient_check
