#include "gradient_check/python/source/notebook_magics.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace gradient_check::python {
namespace {

constexpr std::array foreign_cells{
    "bash", "sh",  "script", "html", "HTML",     "javascript", "js",      "latex",     "markdown",
    "svg",  "SVG", "perl",   "ruby", "pypy",     "python",     "python2", "python3",   "writefile",
    "file", "cmd", "R",      "sql",  "bigquery", "cython",     "julia",   "system",    "sx",
    "skip", "!",   "shell",  "cpp",  "cu",       "nvcc",       "css",     "powershell"};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\f'; }

/// Reads a cell line by line and knows which lines begin a statement: those outside of strings and
/// brackets that no backslash joins to the line before.
class MagicEraser {
 public:
  explicit MagicEraser(std::string_view cell) : text_(cell) {}

  std::string erased() {
    if (erase_cell_magic()) return std::move(text_);
    while (at_ < text_.size()) {
      if (is_magic_line()) {
        erase_statement(line_end());
      } else {
        scan_statement();
      }
    }
    return std::move(text_);
  }

 private:
  std::size_t line_end_from(std::size_t from) const {
    return std::min(text_.find('\n', from), text_.size());
  }
  std::size_t line_end() const { return line_end_from(at_); }

  std::size_t first_character() const {
    std::size_t first = at_;
    while (first < text_.size() && is_space(text_[first])) ++first;
    return first;
  }

  char character(std::size_t at) const { return at < text_.size() ? text_[at] : '\0'; }

  /// True if the whole cell is erased; else at_ stands behind a first line like `%%time`.
  bool erase_cell_magic() {
    std::size_t first = 0;
    while (true) {
      while (first < text_.size() && (is_space(text_[first]) || text_[first] == '\n')) ++first;
      if (character(first) != '#') break;
      first = line_end_from(first);
    }
    if (text_.compare(first, 2, "%%") != 0) return false;
    std::size_t end = first + 2;
    while (end < text_.size() && !is_space(text_[end]) && text_[end] != '\n') ++end;
    const std::string name = text_.substr(first + 2, end - first - 2);
    const bool foreign = std::count(foreign_cells.begin(), foreign_cells.end(), name) != 0;
    while (at_ <= first || (foreign && at_ < text_.size())) {
      const std::size_t begin = first_character();
      if (begin < line_end()) text_[begin] = '#';
      at_ = std::min(line_end() + 1, text_.size());
      if (at_ == text_.size()) break;
    }
    return foreign;
  }

  bool is_magic_line() const {
    const std::size_t first = first_character();
    const char c = character(first);
    return c == '%' || c == '!' || c == '?' || assigns_magic(first) || asks_for_help(first);
  }

  /// `x = !ls`, `a, b = %magic`
  bool assigns_magic(std::size_t first) const {
    for (std::size_t i = first; i < line_end(); ++i) {
      const char c = text_[i];
      if (c == '=') {
        ++i;
        while (is_space(character(i))) ++i;
        const char next = character(i);
        return next == '!' || (next == '%' && character(i + 1) != '=');
      }
      const bool in_target = is_space(c) || c == ',' || c == '.' || c == '_' || c == '[' ||
                             c == ']' || c == '*' || (c >= '0' && c <= '9') ||
                             (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                             static_cast<unsigned char>(c) >= 0x80;
      if (!in_target) return false;
    }
    return false;
  }

  /// `name?`, `module.name??`
  bool asks_for_help(std::size_t first) const {
    std::size_t end = line_end();
    while (end > first && (is_space(text_[end - 1]) || text_[end - 1] == ';')) --end;
    if (end == first || text_[end - 1] != '?') return false;
    const std::string_view line = std::string_view(text_).substr(first, end - first);
    return line.find_first_of("#\"'") == std::string_view::npos;
  }

  /// Overwrites the lines up to the one that ends at `end`, and those it is continued by.
  void erase_statement(std::size_t end) {
    const std::size_t first = first_character();
    // An indented magic may be all that its block has.
    const bool indented = first > at_;
    bool continued = continues(end);
    if (indented && end - first >= 5) {
      text_.replace(first, 5, "pass#");
    } else if (indented) {
      text_.replace(first, std::min<std::size_t>(end - first, 2), end - first >= 2 ? "0#" : "0");
    } else {
      text_[first] = '#';
    }
    at_ = std::min(end + 1, text_.size());
    while (continued && at_ < text_.size()) {
      const std::size_t begin = first_character(), stop = line_end();
      continued = continues(stop);
      if (begin < stop) text_[begin] = '#';
      at_ = std::min(stop + 1, text_.size());
    }
  }

  bool continues(std::size_t end) const { return end > at_ && text_[end - 1] == '\\'; }

  /// Moves behind the end of a Python statement's last line.
  void scan_statement() {
    int depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '\n' && depth <= 0) return;
      if (c == '#') {
        at_ = line_end();
      } else if (c == '\\') {
        ++at_;
      } else if (c == '(' || c == '[' || c == '{') {
        ++depth;
      } else if (c == ')' || c == ']' || c == '}') {
        --depth;
      } else if (c == '"' || c == '\'') {
        skip_string(c);
      }
    }
  }

  void skip_string(char quote) {
    const bool triple = character(at_) == quote && character(at_ + 1) == quote;
    if (triple) at_ += 2;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\\') {
        ++at_;
      } else if (c == '\n' && !triple) {
        return;
      } else if (c == quote &&
                 (!triple || (character(at_ + 1) == quote && character(at_ + 2) == quote))) {
        at_ += triple ? 3 : 1;
        return;
      }
    }
  }

  std::string text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string without_magics(std::string_view cell) { return MagicEraser(cell).erased(); }

}  // namespace gradient_check::python
