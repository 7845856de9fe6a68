#include "app/run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "app/facts.h"
#include "app/output_file.h"
#include "app/pool/describe.h"
#include "app/pool/memory.h"
#include "app/pool/obituary.h"
#include "app/pool/pool.h"
#include "app/progress.h"
#include "app/recorder.h"
#include "app/report_file.h"
#include "app/selection.h"
#include "app/starter.h"
#include "gradient_check/case/file_access.h"
#include "gradient_check/case/program_file.h"
#include "gradient_check/case/suggest.h"
#include "gradient_check/gradient/thread_count.h"
#include "gradient_check/report/patch.h"
#include "gradient_check/report/printable.h"
#include "gradient_check/report/reporter.h"
#include "gradient_check/report/unified_diff.h"

namespace gradient_check::app {
namespace {

/// https://no-color.org and https://bixense.com/clicolors.
bool wants_color(ColorMode mode) {
  const auto is_set = [](const char* name) {
    const char* value = std::getenv(name);
    return value && *value;
  };
  if (mode != ColorMode::automatic) return mode == ColorMode::always;
  if (is_set("NO_COLOR")) return false;
  const char* force = std::getenv("CLICOLOR_FORCE");
  if (force && *force && std::strcmp(force, "0") != 0) return true;
  const char* term = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) != 0 && term && std::strcmp(term, "dumb") != 0;
}

int explain(const std::string& id) {
  if (id.empty()) {
    std::string text;
    for (const RulePage& rule : built_in_facts().rules)
      text += fmt::format("{:24} {}\n", rule.id, rule.summary);
    write_stdout(text);
    return 0;
  }
  std::vector<std::string> known;
  for (const RulePage& rule : built_in_facts().rules) {
    if (id == rule.id) {
      write_stdout(fmt::format("{}: {}\n\n{}", rule.id, rule.summary, rule.page));
      return 0;
    }
    known.push_back(rule.id);
  }
  fmt::print(stderr, "gradient-check: no rule named '{}'{}\n", id, suggest(id, known));
  return usage_error;
}

wire::WorkerSettings worker_settings(const CommandLine& line) {
  wire::WorkerSettings settings;
  settings.overrides = line.overrides;
  settings.program = line.program;
  settings.libraries = line.libraries;
  settings.parent = ::getpid();
  settings.timeout = line.timeout;
  settings.memory_bytes = line.memory_bytes;
  return settings;
}

RunResult empty_run() { return {{}, 0, built_in_facts().libtorch, built_in_facts().rules}; }

RunResult run_cases(const std::vector<SelectedCase>& selected, const CommandLine& line) {
  const auto start = std::chrono::steady_clock::now();
  PoolOptions options{worker_settings(line), line.jobs, thread_count(), line.fail_fast, {}, {}};
  std::vector<std::string> paths;
  for (const SelectedCase& entry : selected) {
    if (!entry.refusal.empty()) options.refused[paths.size()] = entry.refusal;
    if (is_program_file(entry.path)) options.entries[paths.size()] = entry.entry;
    paths.push_back(entry.path.string());
  }
  options.settings.readable = readable_paths(selected);
  if (options.settings.memory_bytes == 0)
    options.settings.memory_bytes = default_memory_bytes(line.jobs);
  Progress progress(paths.size());
  const PoolEvents events{
      [&](std::size_t done, const std::string& running) { progress.at(done, running); },
      [&](const std::string& file, const std::string& output) {
        progress.show_output(file, output);
      }};
  PoolResult pool = check_in_workers(paths, options, events);
  RunResult run = empty_run();
  run.cases = std::move(pool.cases);
  run.shard = line.shard;
  if (pool.interrupted != 0)
    run.incomplete = fmt::format("interrupted by {}: {} not run", signal_name(pool.interrupted),
                                 run.summary().skipped);
  run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return run;
}

Patches patches_of(const RunResult& result) {
  Patches patches = collect_patches(result, [](const std::string& path) {
    return read_text_file(path, {path, 0, 0}, "");
  });
  for (const std::string& why : patches.left_out)
    fmt::print(stderr, "gradient-check: {}\n", one_line(why));
  return patches;
}

void write_fixes(const Patches& patches) {
  for (const FilePatch& file : patches.files) {
    write_whole(file.path, file.after);
    fmt::print(stderr, "gradient-check: {} fix{} written to {}\n", file.fixes,
               file.fixes == 1 ? "" : "es", one_line(file.path));
  }
}

std::string diff_of(const Patches& patches) {
  std::string text;
  for (const FilePatch& file : patches.files)
    text += unified_diff(file.path, file.before, file.after);
  return text;
}

int report(const RunResult& result, const CommandLine& line) {
  if (!result.incomplete.empty())
    fmt::print(stderr, "gradient-check: {}\n", one_line(result.incomplete));
  for (const Output& output : line.outputs)
    write_whole(output.file, format_report(output.format, result, {false, line.verbosity}));
  if (line.diff || line.fix) {
    const Patches patches = patches_of(result);
    if (line.fix) write_fixes(patches);
    if (line.diff) {
      write_stdout(diff_of(patches));
      return result.exit_status();
    }
  }
  write_stdout(format_report(line.format, result, {wants_color(line.color), line.verbosity}));
  return result.exit_status();
}

void list(const std::vector<SelectedCase>& selected) {
  std::string text;
  for (const SelectedCase& entry : selected)
    text += fmt::format("{}:{}\n", one_line(entry.path.string()), one_line(entry.name));
  write_stdout(text);
}

wire::WorkerSettings settings_to_read(const std::vector<SelectedCase>& cases,
                                      const CommandLine& line) {
  wire::WorkerSettings settings = worker_settings(line);
  settings.readable = readable_paths(cases);
  if (settings.memory_bytes == 0) settings.memory_bytes = default_memory_bytes(1);
  return settings;
}

std::vector<SelectedCase> found_cases(const CommandLine& line) {
  std::vector<SelectedCase> found =
      line.rerun_failed ? failed_cases(read_reports({*line.rerun_failed}), line.paths)
                        : find_cases(line.paths);
  return with_entries(found, line.entry, [&](const std::string& path) {
    try {
      return entries_in_worker(settings_to_read(found, line), path);
    } catch (const WorkerError&) {
      return std::vector<std::string>{};  // the check of the file tells what is wrong
    }
  });
}

/// Writes a case, for a program or to start from.
int write_case(const CommandLine& line) {
  if (!line.from) {
    write_stdout(write_starter(*line.starter));
    return 0;
  }
  namespace fs = std::filesystem;
  if (!is_program_file(*line.from))
    throw OutputError(
        fmt::format("--from: a program ends in .py or .ipynb, found '{}'", *line.from));
  const fs::path program = fs::weakly_canonical(*line.from);
  const fs::path folder = fs::weakly_canonical(fs::absolute(*line.starter).parent_path());
  if (fs::relative(program, folder).string().starts_with(".."))
    throw OutputError(
        fmt::format("--new: a case stands in its program's folder, or above; {} is not below {}",
                    *line.from, folder.string()));
  const wire::Draft draft = draft_in_worker(
      settings_to_read({{*line.from, "", ""}}, line),
      {*line.from, line.entry.value_or(""), fs::relative(program, folder).string()});
  if (!draft.error.empty()) throw OutputError(*line.from + ": " + draft.error);
  write_stdout(write_draft(*line.starter, draft.text));
  return 0;
}

int run_selected(const CommandLine& line) {
  for (const std::string& file : line.shard_status_files) write_whole(file, "");
  const std::vector<SelectedCase> selected = select_cases(found_cases(line), line);
  if (selected.empty() && line.rerun_failed) {
    fmt::print(stderr, "gradient-check: no case of {} failed\n", one_line(*line.rerun_failed));
    write_stdout(format_report(line.format, empty_run(), {}));
    return 0;
  }
  const bool empty_shard = selected.empty() && line.shard.count > 1;
  if (selected.empty() && !line.allow_empty && !empty_shard) {
    fmt::print(stderr, "gradient-check: no case matched (--allow-empty if that is meant)\n");
    // A format for machines is valid even so.
    if (line.format != "text") write_stdout(format_report(line.format, empty_run(), {}));
    return usage_error;
  }
  if (line.list) {
    list(selected);
    return 0;
  }
  return report(run_cases(selected, line), line);
}

/// Of the format as built; with libraries, of what they add to it as well.
std::string schema(const CommandLine& line) {
  if (line.libraries.empty()) return built_in_facts().schema;
  return wire::facts_from_text(describe_in_worker(worker_settings(line))).schema;
}

}  // namespace

int run(const CommandLine& line) {
  try {
    if (line.explain) return explain(*line.explain);
    if (line.starter) return write_case(line);
    if (line.print_recorder) {
      write_stdout(recorder_text());
      return 0;
    }
    if (line.print_schema) {
      write_stdout(schema(line));
      return 0;
    }
    return line.merge ? report(read_reports(line.paths), line) : run_selected(line);
  } catch (const WorkerError& error) {
    fmt::print(stderr, "gradient-check: {}\n", one_line(error.what()));
  } catch (const SelectionError& error) {
    fmt::print(stderr, "gradient-check: {}\n", one_line(error.what()));
  } catch (const OutputError& error) {
    fmt::print(stderr, "gradient-check: {}\n", one_line(error.what()));
  } catch (const std::filesystem::filesystem_error& error) {
    // A path that the system cannot even look at: too long, or below what may not be searched.
    fmt::print(stderr, "gradient-check: {}\n", one_line(error.what()));
  }
  return usage_error;
}

}  // namespace gradient_check::app
