#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gradient_check/case/overrides.h"
#include "gradient_check/case/program_overrides.h"

namespace gradient_check::wire {

/// The descriptors that a worker finds open: requests on standard input, and these.
constexpr int result_descriptor = 3;
constexpr int last_operation_descriptor = 4;

/// The exit status of a worker whose connection was closed by the case that it ran.
constexpr int lost_connection = 113;

/// How a worker works; the same for all of its cases.
struct WorkerSettings {
  CaseOverrides overrides;
  ProgramOverrides program;            ///< for programs that no case describes
  std::vector<std::string> libraries;  ///< --load
  std::vector<std::string>
      readable;                    ///< folders, and files outside of them, that cases are read from
  std::int64_t parent = 0;         ///< the process that it ends with
  std::uint64_t memory_bytes = 0;  ///< of its own data; 0: any amount
  double timeout = 0;              ///< seconds a case may take; 0: for ever
  bool watch = false;              ///< note each operation before it runs
};

/// As bytes, and back. Throws nlohmann::json::exception where they are none.
std::string to_bytes(const WorkerSettings& settings);
WorkerSettings settings_from_bytes(const std::string& bytes);

}  // namespace gradient_check::wire
