#include <nlohmann/json.hpp>

#include "app/selection.h"
#include "fuzz/target.h"
#include "gradient_check/case/case.h"
#include "gradient_check/report/reporter.h"

namespace gradient_check::fuzz {
namespace {

void load(std::string_view bytes) {
  try {
    load_case_text(std::string(bytes), "/nonexistent/case.json");
  } catch (const CaseError&) {
  }
}

/// The filter, a zero byte, and what it is held against.
void filter(std::string_view bytes) {
  const std::size_t zero = bytes.find('\0');
  const std::string globs(bytes.substr(0, zero));
  app::matches_filter(globs, zero == bytes.npos ? "" : std::string(bytes.substr(zero + 1)));
}

/// A report that --merge is given. What can be read can be written in every format.
void report(std::string_view bytes) {
  RunResult run;
  try {
    const auto json = nlohmann::ordered_json::parse(bytes);
    for (const auto& entry : json.at("cases")) run.cases.push_back(case_result_from_json(entry));
  } catch (const nlohmann::json::exception&) {
    return;
  } catch (const std::invalid_argument&) {
    return;
  }
  for (const Reporter* reporter : reporters()) format_report(reporter->name, run, {true, 1});
}

}  // namespace

const Target case_target{"case", load, {"cases", "tests/malformed"}};
const Target filter_target{"filter", filter, {"tests/fuzz/filters"}};
const Target report_target{"report", report, {"tests/fuzz/reports"}};

}  // namespace gradient_check::fuzz
