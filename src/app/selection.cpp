#include "app/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gradient_check/case/case_name.h"

namespace gradient_check::app {
namespace {

namespace fs = std::filesystem;

/// Iterative glob match with one backtracking point: linear in practice, never exponential.
bool glob(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
      ++p;
      ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool any_glob(std::string_view patterns, std::string_view text) {
  while (true) {
    const std::size_t colon = patterns.find(':');
    if (glob(patterns.substr(0, colon), text)) return true;
    if (colon == std::string_view::npos) return false;
    patterns.remove_prefix(colon + 1);
  }
}

/// Why a file of a searched folder is not to be read, or nothing: the folder may come from a
/// stranger, and a link in it lead anywhere.
std::string refusal_of(const fs::path& file, const std::string& folder) {
  std::error_code error;
  if (!fs::is_symlink(file, error)) return "";
  const fs::path target = fs::weakly_canonical(file, error);
  const fs::path relative = target.lexically_relative(fs::weakly_canonical(folder, error));
  if (!error && !relative.empty() && *relative.begin() != "..") return "";
  return fmt::format(
      "a symbolic link that leads outside of {}, the folder searched: name it on the command line "
      "where that is meant",
      folder);
}

/// Without their names.
std::vector<SelectedCase> find_cases(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) throw SelectionError(fmt::format("no such file or folder: {}", path));
  if (!fs::is_directory(status)) return {{path, "", ""}};
  std::vector<SelectedCase> files;
  fs::recursive_directory_iterator it(path, fs::directory_options::skip_permission_denied, error);
  if (error) throw SelectionError(fmt::format("cannot read folder {}: {}", path, error.message()));
  for (; it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (error)
      throw SelectionError(fmt::format("cannot read folder {}: {}", path, error.message()));
    if (it->path().extension() != ".json" || !it->is_regular_file(error)) continue;
    files.push_back({it->path(), "", refusal_of(it->path(), path)});
  }
  std::sort(files.begin(), files.end(),
            [](const SelectedCase& a, const SelectedCase& b) { return a.path < b.path; });
  return files;
}

}  // namespace

bool matches_filter(const std::string& filter, const std::string& text) {
  const std::size_t dash = filter.find('-');
  const std::string positive = filter.substr(0, dash);
  const bool wanted = positive.empty() || any_glob(positive, text);
  return wanted && (dash == std::string::npos || !any_glob(filter.substr(dash + 1), text));
}

std::vector<SelectedCase> select_cases(const CommandLine& line) {
  std::vector<SelectedCase> matching;
  for (const std::string& path : line.paths)
    for (SelectedCase& found : find_cases(path)) {
      if (line.list || line.filter != "*")
        found.name = found.refusal.empty() ? case_name(found.path) : found.path.stem().string();
      if (line.filter == "*" || matches_filter(line.filter, found.path.string() + ":" + found.name))
        matching.push_back(std::move(found));
    }
  std::vector<SelectedCase> selected;
  for (std::size_t i = 0; i < matching.size(); ++i)
    if (i % line.shard.count == line.shard.index) selected.push_back(std::move(matching[i]));
  return selected;
}

std::vector<std::string> readable_paths(const std::vector<SelectedCase>& cases) {
  std::set<fs::path> folders;
  std::set<std::string> readable;
  std::error_code error;
  for (const SelectedCase& entry : cases) {
    if (!entry.refusal.empty()) continue;
    folders.insert(fs::absolute(entry.path, error).parent_path());
    if (fs::is_symlink(entry.path, error))
      readable.insert(fs::weakly_canonical(entry.path, error).string());
  }
  for (const fs::path& folder : folders)
    readable.insert(fs::weakly_canonical(folder, error).string());
  return {readable.begin(), readable.end()};
}

}  // namespace gradient_check::app
