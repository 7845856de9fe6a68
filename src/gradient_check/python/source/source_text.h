#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gradient_check/python/source/span.h"

namespace gradient_check::python {

/// A place as people count it: everything from 1, columns in characters.
struct Position {
  std::size_t cell = 0;  ///< the code cell of a notebook; 0 in a plain file
  std::size_t line = 1;  ///< within the cell
  std::size_t column = 1;

  bool operator==(const Position&) const = default;
};

/// The text of a program, its lines, and the way between byte offsets and positions. Text is UTF-8
/// with '\n' as the only line end and without a byte order mark. The cells of a notebook follow
/// each other in one text. Immutable.
class SourceText {
 public:
  /// One stretch of text that is parsed by itself: a file, or a notebook's code cell.
  struct Section {
    Span span;
    bool is_cell = false;
  };

  /// A plain file, or a piece of program. `text` is valid UTF-8 with '\n' line ends.
  SourceText(std::string label, std::string text);

  /// A notebook. Each cell ends with '\n'; `code` is `text` with what only IPython understands
  /// overwritten, byte for byte.
  SourceText(std::string label, const std::vector<std::string>& cells_text,
             const std::vector<std::string>& cells_code);

  const std::string& label() const { return label_; }
  /// What the user wrote, for people.
  const std::string& text() const { return text_; }
  /// What is parsed: as long as text(), and the same but for magics.
  const std::string& code() const { return code_.empty() ? text_ : code_; }
  const std::vector<Section>& sections() const { return sections_; }
  bool is_notebook() const { return !sections_.empty() && sections_.front().is_cell; }

  std::string_view text(Span span) const;

  /// Lines of the whole text, counted from 0.
  std::size_t line_count() const { return line_starts_.size(); }
  std::size_t line_index(std::size_t offset) const;
  std::size_t line_start(std::size_t index) const { return line_starts_[index]; }
  /// Without its line end.
  std::string_view line_text(std::size_t index) const;

  Position position(std::size_t offset) const;
  /// The offset of a position; a column beyond the line's end is the line's end, a line beyond the
  /// last is the end of the cell.
  std::size_t offset(const Position& position) const;
  /// Characters from `begin` to the span's end or the end of the line where it begins, at least 1:
  /// how many carets go under it.
  std::size_t width(Span span) const;

  /// "net.py:3:5", "net.ipynb:cell 2:3:5".
  std::string describe(std::size_t offset) const;

 private:
  void index_lines();
  const Section& section_at(std::size_t offset) const;

  std::string label_, text_, code_;
  std::vector<Section> sections_;
  std::vector<std::uint32_t> line_starts_;
};

}  // namespace gradient_check::python
