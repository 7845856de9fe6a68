#pragma once

#include <string>
#include <vector>

#include "gradient_check/report/reporter.h"

namespace gradient_check::app {

/// Reads the cases of JSON reports back, as one run: those of all shards of a run in the order they
/// have in it, others in the order of the reports. Throws SelectionError.
RunResult read_reports(const std::vector<std::string>& paths);

/// The files of a report's cases that did not pass or were not run.
std::vector<std::string> failed_files(const RunResult& run);

/// Whether `file` is one of `paths`, or in a folder that is.
bool lies_under(const std::string& file, const std::vector<std::string>& paths);

}  // namespace gradient_check::app
