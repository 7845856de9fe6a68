#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "gradient_check/python/source/span.h"

namespace gradient_check::python {

/// How far a line is indented, with tabs to the next multiple of 8 and with tabs of 1: where the
/// two do not agree about what is deeper, tabs and spaces are mixed.
struct Indentation {
  std::uint32_t column = 0, with_small_tabs = 0;

  /// Of the line at `at`, which is moved behind its white space.
  static Indentation measure(std::string_view text, std::uint32_t& at);
};

/// The blocks that are open, by their indentation.
class IndentationStack {
 public:
  /// The first line of a notebook's cell may be indented: it is what the others are measured by.
  explicit IndentationStack(bool is_cell) : is_cell_(is_cell) {}

  /// 1 if a line so indented begins a block, -n if it ends n of them. Throws SyntaxError, at the
  /// line's white space, for what fits no block.
  int change(Indentation now, Span blank);

  std::size_t open_blocks() const { return open_.empty() ? 0 : open_.size() - 1; }

 private:
  int close_blocks(Indentation now, Span blank);

  bool is_cell_;
  std::vector<Indentation> open_;
};

}  // namespace gradient_check::python
