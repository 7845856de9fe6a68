#include "gradient_check/case/suggest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

namespace gradient_check {
namespace {

/// Optimal string alignment distance: insertions, deletions, substitutions and transpositions.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = std::tolower(static_cast<unsigned char>(a[i - 1])) ==
                        std::tolower(static_cast<unsigned char>(b[j - 1]));
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

/// The word without '_' and '-', so that "MaxPool2d" is near "max_pool2d".
std::string without_separators(std::string_view word) {
  std::string result;
  for (const char c : word)
    if (c != '_' && c != '-') result += c;
  return result;
}

}  // namespace

std::string suggest(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string* best = nullptr;
  std::size_t best_distance =
      std::max<std::size_t>(1, std::min<std::size_t>(word.size(), 64) / 3) + 1;
  if (word.size() <= 64)
    for (const std::string& candidate : candidates) {
      const std::size_t distance =
          std::min(edit_distance(word, candidate),
                   edit_distance(without_separators(word), without_separators(candidate)));
      if (distance < best_distance) {
        best = &candidate;
        best_distance = distance;
      }
    }
  if (best) return fmt::format(" (did you mean '{}'?)", *best);
  return candidates.empty() ? ""
                            : fmt::format(" (expected one of {})", fmt::join(candidates, ", "));
}

}  // namespace gradient_check
