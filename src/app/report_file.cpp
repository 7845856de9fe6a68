#include "app/report_file.h"

#include <fmt/format.h>

#include <iterator>
#include <map>
#include <set>

#include "app/facts.h"
#include "app/selection.h"
#include "gradient_check/case/file_access.h"
#include "gradient_check/diagnosis/wording.h"
#include "gradient_check/report/json_fields.h"

namespace gradient_check::app {

namespace {

Shard shard_in(const nlohmann::ordered_json& json) {
  const Shard shard{whole(json.at("index")), whole(json.at("count"))};
  if (shard.index >= shard.count || shard.count > 1'000'000)
    throw std::invalid_argument("its shard is none");
  return shard;
}

RunResult read_report(const std::string& path) {
  RunResult run;
  try {
    const auto json = nlohmann::ordered_json::parse(read_text_file(path, {path, 0, 0}, ""));
    if (json.at("schema_version") != 1) throw std::invalid_argument("its schema_version is not 1");
    run.libtorch = json.at("tool").at("libtorch");
    const auto& summary = json.at("summary");
    run.seconds = summary.at("seconds");
    if (summary.contains("shard")) run.shard = shard_in(summary.at("shard"));
    run.incomplete = summary.value("incomplete", "");
    for (const auto& entry : json.at("cases")) run.cases.push_back(case_result_from_json(entry));
  } catch (const std::exception& error) {
    throw SelectionError(
        fmt::format("{} is not a JSON report of gradient-check: {}", path, error.what()));
  }
  return run;
}

/// Which shards of a run are not there, of those whose reports are; empty: none are missing.
std::string missing_shards(const std::vector<RunResult>& parts) {
  std::map<std::size_t, std::set<std::size_t>> present;  // by the count of shards
  for (const RunResult& part : parts)
    if (part.shard.count > 1) present[part.shard.count].insert(part.shard.index);
  std::vector<std::string> missing;
  for (const auto& [count, indices] : present)
    for (std::size_t index = 0; index < count; ++index)
      if (!indices.count(index)) missing.push_back(fmt::format("{}/{}", index, count));
  return missing.empty() ? "" : "shards are missing: " + names_text(missing);
}

/// The parts by their shard's index, where they are all parts of one run; else nothing.
std::map<std::size_t, RunResult*> parts_of_one_run(std::vector<RunResult>& parts) {
  std::map<std::size_t, RunResult*> by_index;
  for (RunResult& part : parts)
    if (part.shard.count == parts.size()) by_index.emplace(part.shard.index, &part);
  return by_index.size() == parts.size() ? by_index : std::map<std::size_t, RunResult*>();
}

}  // namespace

RunResult read_reports(const std::vector<std::string>& paths) {
  RunResult run{{}, 0, "", built_in_facts().rules};
  std::vector<RunResult> parts;
  parts.reserve(paths.size());
  for (const std::string& path : paths) parts.push_back(read_report(path));
  std::size_t cases = 0;
  for (const RunResult& part : parts) {
    run.libtorch = part.libtorch;
    run.seconds += part.seconds;
    cases += part.cases.size();
    if (!part.incomplete.empty()) run.incomplete = part.incomplete;
  }
  if (run.incomplete.empty()) run.incomplete = missing_shards(parts);
  const auto by_index = parts_of_one_run(parts);
  // All shards of a run: its cases in their order.
  for (std::size_t i = 0; run.cases.size() < cases && !by_index.empty() && i < cases; ++i)
    for (const auto& [index, part] : by_index)
      if (i < part->cases.size()) run.cases.push_back(std::move(part->cases[i]));
  if (by_index.empty())
    for (RunResult& part : parts)
      std::move(part.cases.begin(), part.cases.end(), std::back_inserter(run.cases));
  return run;
}

}  // namespace gradient_check::app
