#include "gradient_check/diagnosis/blame/edited_text.h"

#include <algorithm>
#include <numeric>
#include <optional>

namespace gradient_check {
namespace {

/// Line and column of a position, from 1.
std::pair<std::size_t, std::size_t> line_and_column(const std::string& text, std::size_t position) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(position);
  const auto line = static_cast<std::size_t>(std::count(text.begin(), end, '\n')) + 1;
  const std::size_t newline = position == 0 ? std::string::npos : text.rfind('\n', position - 1);
  return {line, position - (newline == std::string::npos ? 0 : newline + 1) + 1};
}

}  // namespace

std::string EditedText::current() const {
  std::vector<std::size_t> all(edits_.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return only(all);
}

std::string EditedText::with(const std::vector<Edit>& edits) const {
  return edited(current(), edits);
}

std::size_t EditedText::to_original(std::size_t position) const {
  std::vector<const Edit*> ordered;
  for (const Edit& edit : edits_) ordered.push_back(&edit);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const Edit* a, const Edit* b) { return a->span.begin < b->span.begin; });
  std::ptrdiff_t shift = 0;  // current minus original
  for (const Edit* edit : ordered) {
    const auto begin = static_cast<std::ptrdiff_t>(edit->span.begin) + shift;
    const auto length = static_cast<std::ptrdiff_t>(edit->replacement.size());
    const auto at = static_cast<std::ptrdiff_t>(position);
    if (at <= begin) break;
    if (at < begin + length) return edit->span.begin;
    shift += length - static_cast<std::ptrdiff_t>(edit->span.end - edit->span.begin);
  }
  return static_cast<std::size_t>(static_cast<std::ptrdiff_t>(position) - shift);
}

std::vector<std::size_t> EditedText::add(const std::vector<Edit>& edits) {
  std::vector<Edit> moved = edits;
  for (Edit& edit : moved) edit.span = {to_original(edit.span.begin), to_original(edit.span.end)};
  std::vector<std::size_t> indices;
  for (Edit& edit : moved) {
    indices.push_back(edits_.size());
    edits_.push_back(std::move(edit));
  }
  return indices;
}

std::string EditedText::only(const std::vector<std::size_t>& indices) const {
  std::vector<Edit> chosen;
  for (const std::size_t index : indices) chosen.push_back(edits_[index]);
  return edited(original_, chosen);
}

Fix EditedText::fix(const std::vector<std::size_t>& indices, Span statement) const {
  std::vector<Edit> chosen;
  std::optional<Span> lines;  // those of the edits that lie elsewhere
  bool any_inside = false;
  for (const std::size_t index : indices) {
    chosen.push_back(edits_[index]);
    const Span& span = edits_[index].span;
    const bool inside = span.begin >= statement.begin && span.end <= statement.end;
    any_inside = any_inside || inside;
    if (inside) continue;
    const std::size_t newline =
        span.begin == 0 ? std::string::npos : original_.rfind('\n', span.begin - 1);
    const std::size_t begin =
        original_.find_first_not_of(" \t", newline == std::string::npos ? 0 : newline + 1);
    const std::size_t end = std::min(original_.find('\n', span.end), original_.size());
    lines =
        lines ? Span{std::min(lines->begin, begin), std::max(lines->end, end)} : Span{begin, end};
  }
  if (lines && any_inside)
    statement = {std::min(statement.begin, lines->begin), std::max(statement.end, lines->end)};
  else if (lines)
    statement = *lines;
  for (Edit& edit : chosen) {
    edit.span.begin -= statement.begin;
    edit.span.end -= statement.begin;
  }
  Fix fix;
  fix.original = original_.substr(statement.begin, statement.end - statement.begin);
  fix.replacement = edited(fix.original, chosen);
  std::tie(fix.line, fix.column) = line_and_column(original_, statement.begin);
  std::tie(fix.end_line, fix.end_column) = line_and_column(original_, statement.end);
  return fix;
}

}  // namespace gradient_check
