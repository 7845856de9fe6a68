#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "app/options.h"

namespace gradient_check::app {

/// A path on the command line that cannot be read.
class SelectionError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct SelectedCase {
  std::filesystem::path path;
  std::string name;
  std::string refusal;  ///< why it is not to be read, or nothing
  std::string entry{};  ///< of a program: what is checked; empty: the one that can be meant
};

/// Whether `text` matches a filter in GoogleTest's style: globs of * and ? joined by ':', and after
/// the first '-' those that must not match. An empty positive part matches everything.
bool matches_filter(const std::string& filter, const std::string& text);

/// Case files and programs, and the case files in folders, each searched for *.json in alphabetical
/// order; without their names. Throws SelectionError.
std::vector<SelectedCase> find_cases(const std::vector<std::string>& paths);

/// The same of a report's cases that did not pass or were not run: all of them, or those that are
/// or lie in one of `paths`.
std::vector<SelectedCase> failed_cases(const RunResult& report,
                                       const std::vector<std::string>& paths);

/// The same, with a case for each entry of a program: that of the command line, or what
/// `entries_of` finds in it.
std::vector<SelectedCase> with_entries(
    std::vector<SelectedCase> found, const std::optional<std::string>& entry,
    const std::function<std::vector<std::string>(const std::string& path)>& entries_of);

/// Those of them that the command line's filter on `path:name` lets through, and of these its
/// shard's part; with names where it asks for any.
std::vector<SelectedCase> select_cases(std::vector<SelectedCase> found, const CommandLine& line);

/// What has to be read to run them: their folders, and case files that are links.
std::vector<std::string> readable_paths(const std::vector<SelectedCase>& cases);

}  // namespace gradient_check::app
