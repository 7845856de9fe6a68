#include "gradient_check/subject/program/running_place.h"

#include <torch/csrc/jit/runtime/interpreter.h>

#include <algorithm>
#include <vector>

#include "gradient_check/subject/program/syntax.h"

namespace gradient_check {
namespace {

namespace jit = torch::jit;

/// An expression with all of its parentheses: LibTorch's ranges leave out those at its two ends,
/// and the arguments of a call.
Span whole_expression(const std::string& text, Span span) {
  int depth = 0, unopened = 0;
  for (std::size_t at = span.begin; at < std::min(span.end, text.size()); ++at) {
    if (text[at] == '(' || text[at] == '[') ++depth;
    if (text[at] == ')' || text[at] == ']') --depth;
    unopened = std::max(unopened, -depth);
  }
  while (unopened > 0 && span.begin > 0) {
    --span.begin;
    if (text[span.begin] == '(' || text[span.begin] == '[') --unopened;
  }
  depth = 0;
  for (std::size_t at = span.begin; at < text.size(); ++at) {
    const bool opens = text[at] == '(' || text[at] == '[';
    if (at >= span.end && depth <= 0 && !opens) return {span.begin, at};
    if (opens) ++depth;
    if (text[at] == ')' || text[at] == ']') --depth;
  }
  return span;
}

/// The name of the function that a line belongs to.
std::string enclosing_function(const PythonSource& source, std::size_t line) {
  for (std::size_t i = std::min(line, source.lines.size()); i-- > 0;)
    if (source.lines[i].rfind("def ", 0) == 0)
      return source.lines[i].substr(4, source.lines[i].find_first_of("( ", 4) - 4);
  return "";
}

bool is_entry(const std::string& function) {
  return function == "step" || function == "forward" || function == "backward";
}

}  // namespace

std::optional<RunningPlace> running_place_in(const PythonSource& source) {
  std::vector<RunningPlace> places;
  for (const jit::StackEntry& entry : jit::currentCallstack()) {
    const auto position = entry.range.file_line_col();
    if (!position || std::get<0>(*position) != source.label) continue;
    const Span span = whole_expression(source.functions, {entry.range.start(), entry.range.end()});
    const auto line_start = source.functions.rfind('\n', span.begin);
    const std::size_t column = span.begin - (line_start == std::string::npos ? 0 : line_start + 1);
    const auto line = static_cast<std::size_t>(
        std::count(source.functions.begin(),
                   source.functions.begin() + static_cast<std::ptrdiff_t>(span.begin), '\n'));
    RunningPlace place;
    place.place = place_in(source, line + 1, column + 1, span.end - span.begin);
    place.text = source.functions.substr(span.begin, span.end - span.begin);
    places.push_back(std::move(place));
  }
  if (places.empty()) return std::nullopt;
  // From the operation itself to the outermost call, or the other way round.
  const auto in_entry = [&](const RunningPlace& place) {
    return is_entry(enclosing_function(source, place.place.line));
  };
  if (in_entry(places.front()) && !in_entry(places.back()))
    std::reverse(places.begin(), places.end());
  if (places.size() > 1) {
    places.front().call = places.back().place;
    places.front().call_text = places.back().text;
  }
  return places.front();
}

}  // namespace gradient_check
