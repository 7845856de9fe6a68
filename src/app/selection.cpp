#include "app/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gradient_check/case/case_name.h"
#include "gradient_check/case/program_file.h"

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

/// What is in one folder: cases, and folders to be searched next. One that cannot be read is an
/// error of its own, and not an empty one.
void find_in(const fs::path& folder, const std::string& searched, std::vector<SelectedCase>& cases,
             std::vector<fs::path>& folders) {
  std::error_code unreadable;
  for (fs::directory_iterator it(folder, unreadable), end; !unreadable && it != end;
       it.increment(unreadable)) {
    std::error_code error;
    const fs::path& path = it->path();
    // What cannot be asked lies too deep for a path: as a folder it says so itself.
    if (it->symlink_status(error).type() == fs::file_type::directory || error)
      folders.push_back(path);
    else if (path.extension() == ".json" && !it->is_directory(error))
      cases.push_back({path, "", refusal_of(path, searched)});
  }
  if (!unreadable) return;
  const std::string why = fmt::format("cannot read folder: {}", unreadable.message());
  if (folder == searched) throw SelectionError(fmt::format("{}: {}", searched, why));
  cases.push_back({folder, "", why});
}

/// Without their names. Throws SelectionError.
std::vector<SelectedCase> find_cases(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) throw SelectionError(fmt::format("no such file or folder: {}", path));
  if (!fs::is_directory(status)) return {{path, "", ""}};
  std::vector<SelectedCase> cases;
  for (std::vector<fs::path> folders{path}; !folders.empty();) {
    const fs::path folder = std::move(folders.back());
    folders.pop_back();
    find_in(folder, path, cases, folders);
  }
  std::sort(cases.begin(), cases.end(),
            [](const SelectedCase& a, const SelectedCase& b) { return a.path < b.path; });
  return cases;
}

/// A path with the links in its folder followed, and not the one that it may be itself.
fs::path itself(const fs::path& path) {
  const fs::path whole = fs::absolute(path).lexically_normal();
  const fs::path named = whole.has_filename() ? whole : whole.parent_path();
  std::error_code error;  // a path too long, a folder that may not be searched: as it is written
  const fs::path folder = fs::weakly_canonical(named.parent_path(), error);
  return (error ? named.parent_path() : folder) / named.filename();
}

/// Whether `file` is one of `paths`, or in a folder that is.
bool lies_under(const fs::path& file, const std::vector<std::string>& paths) {
  const fs::path whole = itself(file);
  return std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
    std::error_code error;
    const fs::path whole_folder = fs::weakly_canonical(path, error);
    const fs::path folder = !error && fs::is_directory(path, error) ? whole_folder : itself(path);
    return std::mismatch(folder.begin(), folder.end(), whole.begin(), whole.end()).first ==
           folder.end();
  });
}

}  // namespace

bool matches_filter(const std::string& filter, const std::string& text) {
  const std::size_t dash = filter.find('-');
  const std::string positive = filter.substr(0, dash);
  const bool wanted = positive.empty() || any_glob(positive, text);
  return wanted && (dash == std::string::npos || !any_glob(filter.substr(dash + 1), text));
}

std::vector<SelectedCase> find_cases(const std::vector<std::string>& paths) {
  std::vector<SelectedCase> cases;
  for (const std::string& path : paths)
    for (SelectedCase& found : find_cases(path)) cases.push_back(std::move(found));
  return cases;
}

std::vector<SelectedCase> with_entries(
    std::vector<SelectedCase> found, const std::optional<std::string>& entry,
    const std::function<std::vector<std::string>(const std::string& path)>& entries_of) {
  std::vector<SelectedCase> cases;
  for (SelectedCase& each : found) {
    if (!is_program_file(each.path) || !each.refusal.empty()) {
      cases.push_back(std::move(each));
      continue;
    }
    std::vector<std::string> entries;
    if (entry)
      entries.push_back(*entry);
    else
      entries = entries_of(each.path.string());
    if (entries.empty()) entries.emplace_back();  // its check says why
    for (std::string& name : entries) {
      each.entry = std::move(name);
      cases.push_back(each);
    }
  }
  return cases;
}

std::vector<SelectedCase> failed_cases(const RunResult& report,
                                       const std::vector<std::string>& paths) {
  std::vector<SelectedCase> cases;
  for (const CaseResult& result : report.cases) {
    if (result.passed() || (!paths.empty() && !lies_under(result.file, paths))) continue;
    // What was not to be read then is not now, unless it is named.
    const bool named = std::find(paths.begin(), paths.end(), result.file) != paths.end();
    if (result.unread && !named)
      cases.push_back({result.file, "", result.message});
    else
      for (SelectedCase& found : find_cases(result.file)) cases.push_back(std::move(found));
  }
  return cases;
}

std::vector<SelectedCase> select_cases(std::vector<SelectedCase> found, const CommandLine& line) {
  std::vector<SelectedCase> matching;
  for (SelectedCase& entry : found) {
    if (line.list || line.filter != "*")
      entry.name = is_program_file(entry.path) ? program_case_name(entry.path, entry.entry)
                   : entry.refusal.empty()     ? case_name(entry.path)
                                               : entry.path.stem().string();
    if (line.filter == "*" || matches_filter(line.filter, entry.path.string() + ":" + entry.name))
      matching.push_back(std::move(entry));
  }
  std::vector<SelectedCase> selected;
  for (std::size_t i = 0; i < matching.size(); ++i)
    if (i % line.shard.count == line.shard.index) selected.push_back(std::move(matching[i]));
  return selected;
}

std::vector<std::string> readable_paths(const std::vector<SelectedCase>& cases) {
  std::set<std::string> readable;
  std::error_code error;
  for (const SelectedCase& entry : cases) {
    if (!entry.refusal.empty()) continue;
    const fs::path folder = entry.path.parent_path();
    readable.insert(folder.empty() ? "." : folder.string());
    if (fs::is_symlink(entry.path, error)) readable.insert(entry.path.string());
  }
  return {readable.begin(), readable.end()};
}

}  // namespace gradient_check::app
