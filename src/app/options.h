#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "gradient_check/case/overrides.h"
#include "gradient_check/case/program_overrides.h"
#include "gradient_check/report/reporter.h"

namespace gradient_check::app {

enum class ColorMode { automatic, always, never };

/// A report to be written to a file.
struct Output {
  std::string format;
  std::string file;
};

/// The command line, validated.
struct CommandLine {
  std::vector<std::string> paths;
  std::vector<std::string> libraries;  ///< of custom operators
  std::string format = "text";
  std::vector<Output> outputs;
  std::string filter = "*";
  Shard shard;
  std::vector<std::string> shard_status_files;  ///< to be made: shards are understood
  std::size_t jobs = 1;                         ///< workers at a time
  double timeout = 300;                         ///< seconds a case may take; 0: for ever
  std::uint64_t memory_bytes = 0;               ///< of a worker; 0: by default_memory_bytes
  CaseOverrides overrides;
  std::optional<std::string> entry;         ///< of programs that are given directly
  ProgramOverrides program;                 ///< of these
  std::optional<std::string> rerun_failed;  ///< a JSON report: only its cases that did not pass
  std::optional<std::string> starter;       ///< a case file to be written
  std::optional<std::string> from;          ///< the program that it is written for
  std::optional<std::string> explain;       ///< a rule's id; empty: the list of rules
  ColorMode color = ColorMode::automatic;
  int verbosity = 0;
  bool list = false;
  bool fail_fast = false;
  bool merge = false;  ///< the paths are JSON reports to be made into one
  bool diff = false;   ///< print the verified fixes as a unified diff in place of the report
  bool fix = false;    ///< write the verified fixes into the programs' files
  bool print_schema = false;
  bool print_recorder = false;
  bool allow_empty = false;
};

/// Exit status of a run that never came to cases.
constexpr int usage_error = 2;

/// Parses the command line and the environment. On --help, --version and usage errors prints what
/// is due and returns the exit status in `exit_status` instead.
std::optional<CommandLine> parse_command_line(int argc, char** argv, int& exit_status);

}  // namespace gradient_check::app
