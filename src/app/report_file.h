#pragma once

#include <string>
#include <vector>

#include "gradient_check/report/reporter.h"

namespace gradient_check::app {

/// Reads the cases of JSON reports back, as one run: those of all shards of a run in the order they
/// have in it, others in the order of the reports. Throws SelectionError.
RunResult read_reports(const std::vector<std::string>& paths);

}  // namespace gradient_check::app
