#include "app/report_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "app/facts.h"
#include "app/selection.h"
#include "gradient_check/case/file_access.h"

namespace gradient_check::app {

RunResult read_reports(const std::vector<std::string>& paths) {
  RunResult run{{}, 0, "", built_in_facts().rules};
  for (const std::string& path : paths) {
    try {
      const auto json = nlohmann::ordered_json::parse(read_text_file(path, {path, 0, 0}, ""));
      if (json.at("schema_version") != 1)
        throw std::invalid_argument("its schema_version is not 1");
      run.libtorch = json.at("tool").at("libtorch");
      run.seconds += json.at("summary").at("seconds").get<double>();
      for (const auto& entry : json.at("cases")) run.cases.push_back(case_result_from_json(entry));
    } catch (const std::exception& error) {
      throw SelectionError(
          fmt::format("{} is not a JSON report of gradient-check: {}", path, error.what()));
    }
  }
  return run;
}

std::vector<std::string> failed_files(const RunResult& run) {
  std::vector<std::string> files;
  for (const CaseResult& result : run.cases)
    if (!result.passed()) files.push_back(result.file);
  return files;
}

bool lies_under(const std::string& file, const std::vector<std::string>& paths) {
  namespace fs = std::filesystem;
  const fs::path whole = fs::weakly_canonical(file);
  return std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
    const fs::path folder = fs::weakly_canonical(path);
    return std::mismatch(folder.begin(), folder.end(), whole.begin(), whole.end()).first ==
           folder.end();
  });
}

}  // namespace gradient_check::app
