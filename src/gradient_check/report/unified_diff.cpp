#include "gradient_check/report/unified_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace gradient_check {
namespace {

constexpr std::size_t context = 3;

/// One line of the diff: ' ', '-' or '+', and the text with its newline where it has one.
struct DiffLine {
  char mark;
  std::string text;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t newline = text.find('\n', begin);
    const std::size_t end = newline == std::string::npos ? text.size() : newline + 1;
    lines.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return lines;
}

/// The edit script by longest common subsequence, of what lies between the common ends.
std::vector<DiffLine> script(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::size_t front = 0, back = 0;
  while (front < std::min(a.size(), b.size()) && a[front] == b[front]) ++front;
  while (back < std::min(a.size(), b.size()) - front &&
         a[a.size() - 1 - back] == b[b.size() - 1 - back])
    ++back;
  const std::size_t n = a.size() - front - back, m = b.size() - front - back;
  std::vector<std::vector<std::size_t>> common(n + 1, std::vector<std::size_t>(m + 1, 0));
  for (std::size_t i = n; i-- > 0;)
    for (std::size_t j = m; j-- > 0;)
      common[i][j] = a[front + i] == b[front + j] ? common[i + 1][j + 1] + 1
                                                  : std::max(common[i + 1][j], common[i][j + 1]);
  std::vector<DiffLine> lines;
  for (std::size_t i = 0; i < front; ++i) lines.push_back({' ', a[i]});
  std::size_t i = 0, j = 0;
  while (i < n || j < m) {
    if (i < n && j < m && a[front + i] == b[front + j]) {
      lines.push_back({' ', a[front + i++]});
      ++j;
    } else if (i < n && (j == m || common[i + 1][j] >= common[i][j + 1])) {
      lines.push_back({'-', a[front + i++]});
    } else {
      lines.push_back({'+', b[front + j++]});
    }
  }
  for (std::size_t k = a.size() - back; k < a.size(); ++k) lines.push_back({' ', a[k]});
  return lines;
}

std::string range_text(std::size_t first, std::size_t count) {
  // An empty range names the line before it.
  return count == 1 ? fmt::format("{}", first)
                    : fmt::format("{},{}", count == 0 ? first - 1 : first, count);
}

std::string hunk(const std::vector<DiffLine>& lines, std::size_t begin, std::size_t end,
                 std::size_t old_first, std::size_t new_first) {
  std::size_t old_count = 0, new_count = 0;
  std::string body;
  for (std::size_t i = begin; i < end; ++i) {
    old_count += lines[i].mark != '+' ? 1 : 0;
    new_count += lines[i].mark != '-' ? 1 : 0;
    body += lines[i].mark + lines[i].text;
    if (body.back() != '\n') body += "\n\\ No newline at end of file\n";
  }
  return fmt::format("@@ -{} +{} @@\n{}", range_text(old_first, old_count),
                     range_text(new_first, new_count), body);
}

}  // namespace

std::string unified_diff(const std::string& path, const std::string& before,
                         const std::string& after) {
  if (before == after) return "";
  const std::vector<DiffLine> lines = script(lines_of(before), lines_of(after));
  std::string text = fmt::format("--- a/{0}\n+++ b/{0}\n", path);
  std::size_t old_line = 1, new_line = 1;
  for (std::size_t i = 0; i < lines.size();) {
    std::size_t change = i;
    while (change < lines.size() && lines[change].mark == ' ') ++change;
    if (change == lines.size()) break;
    const std::size_t begin = std::max(i, change > context ? change - context : 0);
    old_line += begin - i;
    new_line += begin - i;
    // Changes that lie closer than two contexts share a hunk.
    std::size_t last = change, end = change;
    while (end < lines.size() && end - last <= 2 * context) {
      if (lines[end].mark != ' ') last = end;
      ++end;
    }
    end = std::min(lines.size(), last + context + 1);
    text += hunk(lines, begin, end, old_line, new_line);
    for (std::size_t k = begin; k < end; ++k) {
      old_line += lines[k].mark != '+' ? 1 : 0;
      new_line += lines[k].mark != '-' ? 1 : 0;
    }
    i = end;
  }
  return text;
}

}  // namespace gradient_check
