#pragma once

#include <string>

#include "wire/settings.h"

namespace gradient_check::app {

/// What a worker with these libraries knows: wire::Facts as text. Throws WorkerError.
std::string describe_in_worker(const wire::WorkerSettings& settings);

}  // namespace gradient_check::app
