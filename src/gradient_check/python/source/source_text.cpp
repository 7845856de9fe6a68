#include "gradient_check/python/source/source_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gradient_check::python {
namespace {

bool is_continuation_byte(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation_byte(c); }));
}

}  // namespace

SourceText::SourceText(std::string label, std::string text)
    : label_(std::move(label)), text_(std::move(text)) {
  sections_.push_back({{0, static_cast<std::uint32_t>(text_.size())}, false});
  index_lines();
}

SourceText::SourceText(std::string label, const std::vector<std::string>& cells_text,
                       const std::vector<std::string>& cells_code)
    : label_(std::move(label)) {
  for (std::size_t i = 0; i < cells_text.size(); ++i) {
    const auto begin = static_cast<std::uint32_t>(text_.size());
    text_ += cells_text[i];
    code_ += cells_code[i];
    sections_.push_back({{begin, static_cast<std::uint32_t>(text_.size())}, true});
  }
  if (code_ == text_) code_.clear();
  index_lines();
}

void SourceText::index_lines() {
  line_starts_.push_back(0);
  for (std::size_t at = text_.find('\n'); at != std::string::npos; at = text_.find('\n', at + 1))
    if (at + 1 < text_.size()) line_starts_.push_back(static_cast<std::uint32_t>(at + 1));
}

std::string_view SourceText::text(Span span) const {
  const std::size_t begin = std::min<std::size_t>(span.begin, text_.size());
  const std::size_t end = std::clamp<std::size_t>(span.end, begin, text_.size());
  return std::string_view(text_).substr(begin, end - begin);
}

std::size_t SourceText::line_index(std::size_t offset) const {
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  return static_cast<std::size_t>(after - line_starts_.begin()) - 1;
}

std::string_view SourceText::line_text(std::size_t index) const {
  if (index >= line_starts_.size()) return {};
  const std::size_t begin = line_starts_[index];
  const std::size_t end = std::min(text_.find('\n', begin), text_.size());
  return std::string_view(text_).substr(begin, end - begin);
}

const SourceText::Section& SourceText::section_at(std::size_t offset) const {
  const auto after = std::upper_bound(
      sections_.begin(), sections_.end(), offset,
      [](std::size_t wanted, const Section& section) { return wanted < section.span.begin; });
  return after == sections_.begin() ? *after : *(after - 1);
}

Position SourceText::position(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  if (sections_.empty()) return {};
  const Section& section = section_at(offset);
  const std::size_t line = line_index(offset);
  const std::size_t first = line_index(section.span.begin);
  const std::size_t begin = line_starts_[line];
  Position position;
  if (section.is_cell) position.cell = static_cast<std::size_t>(&section - sections_.data()) + 1;
  position.line = line - first + 1;
  position.column = character_count(std::string_view(text_).substr(begin, offset - begin)) + 1;
  return position;
}

std::size_t SourceText::offset(const Position& position) const {
  const std::size_t index = position.cell == 0 ? 0 : position.cell - 1;
  if (index >= sections_.size()) return text_.size();
  const Span section = sections_[index].span;
  const std::size_t line = line_index(section.begin) + std::max<std::size_t>(position.line, 1) - 1;
  if (line >= line_starts_.size() || line_starts_[line] >= section.end) return section.end;
  const std::string_view text = line_text(line);
  std::size_t at = 0;
  for (std::size_t column = 1; column < position.column && at < text.size(); ++column) do
      ++at;
    while (at < text.size() && is_continuation_byte(text[at]));
  return line_starts_[line] + at;
}

std::size_t SourceText::width(Span span) const {
  const std::string_view characters = text(span);
  return std::max<std::size_t>(character_count(characters.substr(0, characters.find('\n'))), 1);
}

std::string SourceText::describe(std::size_t offset) const {
  const Position place = position(offset);
  if (place.cell == 0) return fmt::format("{}:{}:{}", label_, place.line, place.column);
  return fmt::format("{}:cell {}:{}:{}", label_, place.cell, place.line, place.column);
}

}  // namespace gradient_check::python
