#include "gradient_check/python/syntax/indentation.h"

#include <fmt/format.h>

#include <algorithm>

#include "gradient_check/python/syntax/syntax_error.h"
#include "gradient_check/python/syntax/tree.h"

namespace gradient_check::python {
namespace {

constexpr std::uint32_t tab_width = 8;

[[noreturn]] void fail_mixed(Span blank) {
  throw SyntaxError(blank, "tabs and spaces are mixed in the indentation of this block",
                    "indent with spaces only");
}

}  // namespace

Indentation Indentation::measure(std::string_view text, std::uint32_t& at) {
  Indentation result, joined;
  bool is_joined = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == ' ') {
      ++result.column;
      ++result.with_small_tabs;
    } else if (c == '\t') {
      result.column = (result.column / tab_width + 1) * tab_width;
      ++result.with_small_tabs;
    } else if (c == '\f') {
      result = {};
    } else if (c == '\\' && at + 2 < text.size() && text[at + 1] == '\n') {
      // A joined line is indented like its first part.
      if (!is_joined) joined = result;
      is_joined = true;
      ++at;
    } else {
      break;
    }
  }
  return is_joined ? joined : result;
}

int IndentationStack::change(Indentation now, Span blank) {
  if (open_.empty()) open_.push_back(is_cell_ ? now : Indentation{});
  const Indentation block = open_.back();
  if (now.column < block.column) return close_blocks(now, blank);
  if (now.column == block.column) {
    if (now.with_small_tabs != block.with_small_tabs) fail_mixed(blank);
    return 0;
  }
  if (now.with_small_tabs <= block.with_small_tabs) fail_mixed(blank);
  if (open_.size() >= ast::most_blocks)
    throw SyntaxError(
        blank, fmt::format("blocks stand in each other more than {} deep", ast::most_blocks));
  open_.push_back(now);
  return 1;
}

int IndentationStack::close_blocks(Indentation now, Span blank) {
  const std::uint32_t ended = open_.back().column;
  int change = 0;
  for (; open_.size() > 1 && now.column < open_.back().column; --change) open_.pop_back();
  // IPython takes a cell's indentation only off the lines that have it.
  if (is_cell_ && open_.size() == 1) return change;
  const Indentation block = open_.back();
  if (now.column != block.column)
    throw SyntaxError(
        {blank.begin, std::max(blank.end, blank.begin + 1)},
        fmt::format("this line is indented by {} columns, less than the line before "
                    "but like no block around it",
                    now.column),
        fmt::format("indent it by {}, or by {} like the block that it ends", block.column, ended));
  if (now.with_small_tabs != block.with_small_tabs) fail_mixed(blank);
  return change;
}

}  // namespace gradient_check::python
