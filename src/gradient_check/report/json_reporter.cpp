#include "gradient_check/report/reporter.h"

namespace gradient_check {

nlohmann::ordered_json to_json(const RunResult& run) {
  const Summary summary = run.summary();
  nlohmann::ordered_json json{{"schema_version", 1},
                              {"tool",
                               {{"name", "gradient-check"},
                                {"version", GRADIENT_CHECK_VERSION},
                                {"libtorch", run.libtorch}}},
                              {"summary",
                               {{"cases", summary.cases},
                                {"passed", summary.passed},
                                {"failed", summary.failed},
                                {"errors", summary.errors},
                                {"skipped", summary.skipped},
                                {"seconds", summary.seconds}}},
                              {"cases", nlohmann::ordered_json::array()}};
  if (!run.incomplete.empty()) json["summary"]["incomplete"] = run.incomplete;
  if (run.shard.count > 1)
    json["summary"]["shard"] = {{"index", run.shard.index}, {"count", run.shard.count}};
  for (const CaseResult& result : run.cases) json["cases"].push_back(to_json(result));
  return json;
}

namespace {

std::string format_json(const RunResult& run, const ReportStyle&) {
  // Text that is not UTF-8 is replaced rather than refused: a report is always valid JSON.
  return to_json(run).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

const Reporter json_reporter{"json", format_json};

}  // namespace gradient_check
