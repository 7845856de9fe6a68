#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "app/pool/worker_process.h"
#include "gradient_check/report/case_result.h"

namespace gradient_check::app {

/// How cases are shared out to workers.
struct PoolOptions {
  wire::WorkerSettings settings;  ///< of each worker
  std::size_t jobs = 1;           ///< workers at a time
  std::size_t threads = 1;        ///< of all of them together
  bool fail_fast = false;         ///< cases behind the first that does not pass are skipped
  std::map<std::size_t, std::string> refused;  ///< cases that nothing may read, and why
  std::map<std::size_t, std::string> entries;  ///< of programs: what of them is checked
};

/// What is told while cases run. Both are called in the order of the cases.
struct PoolEvents {
  std::function<void(std::size_t done, const std::string& running)> progress;
  std::function<void(const std::string& path, const std::string& output)> output;  ///< it printed
};

struct PoolResult {
  std::vector<CaseResult> cases;  ///< one for each path, in their order
  int interrupted = 0;            ///< the signal that ended the run early, or 0
};

/// Checks case files in workers. A case that kills its worker, or runs for longer than its time,
/// gets verdict error with what is known of its end, and a new worker goes on. A worker that dies
/// is first put down to bad luck: its case runs once more, watched; one that somebody else killed
/// costs nothing. Results are the same for any number of jobs. Throws WorkerError.
PoolResult check_in_workers(const std::vector<std::string>& paths, const PoolOptions& options,
                            const PoolEvents& events);

}  // namespace gradient_check::app
