#pragma once

#include <string>
#include <vector>

#include "gradient_check/diagnosis/blame/edit.h"
#include "gradient_check/diagnosis/finding.h"

namespace gradient_check {

/// A text and the edits made to it one after another. Each edit is given in the text as it is by
/// then, and kept in terms of the original, so that any of them can be left out later.
class EditedText {
 public:
  explicit EditedText(std::string original) : original_(std::move(original)) {}

  std::string current() const;
  /// The current text with `edits` (in its positions) made too.
  std::string with(const std::vector<Edit>& edits) const;
  /// Makes `edits`; returns their indices.
  std::vector<std::size_t> add(const std::vector<Edit>& edits);
  /// The original with those edits alone.
  std::string only(const std::vector<std::size_t>& indices) const;
  /// A position of the current text in the original. One inside a replaced piece gives its begin.
  std::size_t to_original(std::size_t position) const;
  /// Those edits as one replacement of `statement`, a span of the original, or where they lie
  /// outside it of the lines that they touch.
  Fix fix(const std::vector<std::size_t>& indices, Span statement) const;

 private:
  std::string original_;
  std::vector<Edit> edits_;  ///< positions of the original
};

}  // namespace gradient_check
