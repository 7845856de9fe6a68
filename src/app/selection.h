#pragma once

#include <filesystem>
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
};

/// Whether `text` matches a filter in GoogleTest's style: globs of * and ? joined by ':', and after
/// the first '-' those that must not match. An empty positive part matches everything.
bool matches_filter(const std::string& filter, const std::string& text);

/// The cases the command line names, folders searched for *.json in alphabetical order, filtered on
/// `path:name`, then this shard's part of them. Throws SelectionError.
std::vector<SelectedCase> select_cases(const CommandLine& line);

/// What has to be read to run them, links followed: their folders, and case files that lie
/// elsewhere.
std::vector<std::string> readable_paths(const std::vector<SelectedCase>& cases);

}  // namespace gradient_check::app
