#include "gradient_check/subject/program/python_source.h"

#include <fmt/format.h>

#include <regex>
#include <sstream>

namespace gradient_check {
namespace {

/// std::regex recurses with every character that it matches, and so reads no line that is longer
/// without danger to the stack.
constexpr std::size_t longest_line = 10000;

/// Blanks the commas that stand before a closing bracket, which Python allows and TorchScript's
/// parser does not: all of them before ] and }, and before ) where a line ends between (so that
/// (x,) stays a tuple).
void erase_trailing_commas(std::string& text) {
  std::size_t comma = std::string::npos;
  bool line_ended = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '#') {
      while (i + 1 < text.size() && text[i + 1] != '\n') ++i;
    } else if (c == '"' || c == '\'') {
      comma = std::string::npos;
      const std::string quote =
          text.compare(i, 3, std::string(3, c)) == 0 ? std::string(3, c) : std::string(1, c);
      std::size_t end = text.find(quote, i + quote.size());
      while (end != std::string::npos && text[end - 1] == '\\') end = text.find(quote, end + 1);
      if (end == std::string::npos) return;
      i = end + quote.size() - 1;
    } else if (c == ',') {
      comma = i;
      line_ended = false;
    } else if (c == '\n') {
      line_ended = true;
    } else if (c != ' ' && c != '\t') {
      if (comma != std::string::npos && (c == ']' || c == '}' || (c == ')' && line_ended)))
        text[comma] = ' ';
      comma = std::string::npos;
    }
  }
}

/// Walks the lines of a program and blanks what is not a function.
class SourceReader {
 public:
  SourceReader(const std::string& label, const std::string& text) {
    source_.label = label;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      source_.lines.push_back(line);
    }
  }

  PythonSource read() {
    std::vector<std::string> kept = source_.lines;
    bool in_function = false;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      std::string& line = kept[i];
      if (line.size() > longest_line)
        fail(i, fmt::format("this line has {} characters; a program's have at most {}", line.size(),
                            longest_line));
      const bool blank = line.find_first_not_of(" \t") == std::string::npos;
      if (blank || line[0] == '#') continue;
      if (line[0] == ' ' || line[0] == '\t' || line[0] == ')' || line[0] == ']' || line[0] == '}') {
        if (in_function) continue;
        fail(i, "this line is indented outside of any function");
      }
      in_function = line.rfind("def ", 0) == 0;
      if (in_function) continue;
      const std::size_t last = statement(i);
      for (std::size_t k = i; k <= last; ++k) kept[k].clear();
      i = last;
    }
    for (const std::string& line : kept) source_.functions += line + "\n";
    erase_trailing_commas(source_.functions);
    return std::move(source_);
  }

 private:
  [[noreturn]] void fail(std::size_t index, const std::string& message) const {
    const std::string& line = source_.lines[index];
    const std::size_t start = std::min(line.find_first_not_of(" \t"), line.size());
    throw SubjectError(place_in(source_, index + 1, start + 1, line.size() - start), message);
  }

  /// Reads the module-level statement that starts at a line; returns its last line.
  std::size_t statement(std::size_t index) {
    const std::string& line = source_.lines[index];
    std::smatch match;
    static const std::regex import(R"(^import\s+([\w.]+)(?:\s+as\s+(\w+))?\s*(?:#.*)?$)");
    static const std::regex from(R"(^from\s+([\w.]+)\s+import\s+([^#]+?)\s*(?:#.*)?$)");
    static const std::regex constant(
        R"(^(\w+)\s*(?::\s*\w+\s*)?=\s*([-+]?[\d.][\d.eE+\-_]*)\s*(?:#.*)?$)");
    if (line[0] == '@') return index;
    if (line.rfind("\"\"\"", 0) == 0 || line.rfind("'''", 0) == 0) return docstring(index);
    if (std::regex_match(line, match, import)) {
      expect_known(index, match[1]);
      const std::string path = match[1];
      // `import torch.nn.functional` binds torch.
      const std::string bound =
          match[2].matched ? std::string(match[2]) : path.substr(0, path.find('.'));
      source_.modules[bound] = match[2].matched ? path : bound;
      return index;
    }
    if (std::regex_match(line, match, from)) {
      expect_known(index, match[1]);
      import_names(match[1], match[2]);
      return index;
    }
    if (std::regex_match(line, match, constant)) {
      source_.constants[match[1]] = number(index, match[2]);
      return index;
    }
    fail(
        index,
        "only functions, imports of torch, math and typing, and numbers (NAME = 1e-7) can stand at "
        "the top level of a program");
  }

  std::size_t docstring(std::size_t index) const {
    const std::string quotes = source_.lines[index].substr(0, 3);
    if (source_.lines[index].find(quotes, 3) != std::string::npos) return index;
    for (std::size_t i = index + 1; i < source_.lines.size(); ++i)
      if (source_.lines[i].find(quotes) != std::string::npos) return i;
    fail(index, "this string is never closed");
  }

  void expect_known(std::size_t index, const std::string& module) const {
    const std::string root = module.substr(0, module.find('.'));
    if (root == "torch" || root == "math" || root == "typing" || root == "__future__") return;
    fail(index, fmt::format("a program cannot import '{}': it is compiled by LibTorch, where only "
                            "torch, math and typing exist",
                            module));
  }

  void import_names(const std::string& module, const std::string& names) {
    std::string plain;
    for (const char c : names)
      if (c != '(' && c != ')') plain += c;
    std::istringstream list(plain);
    for (std::string name; std::getline(list, name, ',');) {
      std::istringstream words(name);
      std::string original, as, alias;
      words >> original >> as >> alias;
      if (!original.empty() && module != "typing" && module != "__future__")
        source_.modules[as == "as" ? alias : original] = module + "." + original;
    }
  }

  std::variant<std::int64_t, double> number(std::size_t index, std::string text) const {
    std::erase(text, '_');
    std::size_t used = 0;
    try {
      if (text.find_first_of(".eE") == std::string::npos) return std::int64_t{std::stoll(text)};
      const double value = std::stod(text, &used);
      if (used == text.size()) return value;
    } catch (const std::exception&) {
      // Reported below, like a number with something behind it.
    }
    fail(index, fmt::format("'{}' is not a number", text));
  }

  PythonSource source_;
};

}  // namespace

PythonSource read_python_source(const std::string& label, const std::string& text) {
  return SourceReader(label, text).read();
}

Place place_in(const PythonSource& source, std::size_t line, std::size_t column,
               std::size_t width) {
  Place place{source.label, line, column, std::max<std::size_t>(width, 1), ""};
  if (line >= 1 && line <= source.lines.size() && source.lines[line - 1].size() <= longest_line)
    place.source_line = source.lines[line - 1];
  return place;
}

}  // namespace gradient_check
