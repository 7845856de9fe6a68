#include "gradient_check/report/patch.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace gradient_check {
namespace {

/// A replacement of characters [begin, end) of a file.
struct Replacement {
  std::size_t begin = 0, end = 0;
  std::string text;
  bool operator==(const Replacement& other) const {
    return begin == other.begin && end == other.end && text == other.text;
  }
};

std::optional<std::size_t> offset_in(const std::string& text, std::size_t line,
                                     std::size_t column) {
  std::size_t begin = 0;
  for (std::size_t at = 1; at < line; ++at) {
    begin = text.find('\n', begin);
    if (begin == std::string::npos) return std::nullopt;
    ++begin;
  }
  const std::size_t offset = begin + column - 1;
  return offset <= text.size() ? std::optional(offset) : std::nullopt;
}

std::optional<Replacement> locate(const std::string& text, const Fix& fix) {
  const auto begin = offset_in(text, fix.line, fix.column);
  const auto end = offset_in(text, fix.end_line, fix.end_column);
  if (!begin || !end || *end < *begin || text.substr(*begin, *end - *begin) != fix.original)
    return std::nullopt;
  return Replacement{*begin, *end, fix.replacement};
}

bool conflicts(const Replacement& a, const Replacement& b) {
  if (a == b) return false;
  return a.begin < b.end && b.begin < a.end;
}

class Collector {
 public:
  explicit Collector(const std::function<std::string(const std::string&)>& read) : read_(read) {}

  void add(const CaseResult& result) {
    std::map<std::string, std::vector<Replacement>> wanted;
    for (const Finding& finding : result.findings) {
      if (!finding.fix || !finding.fix->verified || !finding.place) continue;
      const std::string& path = finding.place->file;
      if (path.find("#/") != std::string::npos)
        return leave_out(result, path + " is no file of its own");
      const std::string* text = text_of(path);
      if (!text) return leave_out(result, path + " cannot be read");
      const auto replacement = locate(*text, *finding.fix);
      if (!replacement) return leave_out(result, path + " is not as it was when it was checked");
      auto& list = wanted[path];
      if (std::find(list.begin(), list.end(), *replacement) == list.end())
        list.push_back(*replacement);
    }
    for (const auto& [path, list] : wanted)
      for (const Replacement& replacement : list)
        for (const Replacement& taken : taken_[path])
          if (conflicts(replacement, taken))
            return leave_out(result, "another case asks for another change of " + path);
    for (const auto& [path, list] : wanted)
      for (const Replacement& replacement : list)
        if (std::find(taken_[path].begin(), taken_[path].end(), replacement) == taken_[path].end())
          taken_[path].push_back(replacement);
  }

  Patches finish() {
    for (auto& [path, list] : taken_) {
      if (list.empty()) continue;
      std::sort(list.begin(), list.end(),
                [](const Replacement& a, const Replacement& b) { return a.begin > b.begin; });
      std::string after = *texts_.at(path);
      for (const Replacement& r : list) after.replace(r.begin, r.end - r.begin, r.text);
      patches_.files.push_back({path, *texts_.at(path), std::move(after), list.size()});
    }
    return std::move(patches_);
  }

 private:
  void leave_out(const CaseResult& result, const std::string& why) {
    patches_.left_out.push_back(fmt::format("the fixes of {} are left out: {}", result.file, why));
  }

  const std::string* text_of(const std::string& path) {
    const auto found = texts_.find(path);
    if (found == texts_.end()) {
      std::optional<std::string> text;
      try {
        text = read_(path);
      } catch (const std::exception&) {
      }
      texts_[path] = std::move(text);
    }
    const auto& text = texts_[path];
    return text ? &*text : nullptr;
  }

  const std::function<std::string(const std::string&)>& read_;
  std::map<std::string, std::optional<std::string>> texts_;
  std::map<std::string, std::vector<Replacement>> taken_;
  Patches patches_;
};

}  // namespace

Patches collect_patches(const RunResult& run,
                        const std::function<std::string(const std::string&)>& read) {
  Collector collector(read);
  for (const CaseResult& result : run.cases) collector.add(result);
  return collector.finish();
}

}  // namespace gradient_check
