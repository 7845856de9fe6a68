#pragma once

#include <string>
#include <vector>

#include "wire/check_request.h"
#include "wire/settings.h"

namespace gradient_check::app {

// Each asks a worker that is started for it, and throws WorkerError where that does not answer.

/// What a worker with these libraries knows: wire::Facts as text.
std::string describe_in_worker(const wire::WorkerSettings& settings);

/// What of a program can be checked; empty where that is nothing, or it is no program.
std::vector<std::string> entries_in_worker(const wire::WorkerSettings& settings,
                                           const std::string& path);

/// The case file for a program.
wire::Draft draft_in_worker(const wire::WorkerSettings& settings,
                            const wire::CheckRequest& request);

}  // namespace gradient_check::app
