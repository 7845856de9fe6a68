#include "gradient_check/diagnosis/blame/numpy_spelling.h"

#include <utility>

namespace gradient_check {
namespace {

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

/// What stands in the brackets of a call gets others: .size(0), .sum([0, 2]).
void replace_brackets(std::string& text, const std::string& call, const std::string& close,
                      const std::string& opened, const std::string& closed) {
  for (std::size_t at = text.find(call); at != std::string::npos; at = text.find(call, at + 1)) {
    const std::size_t end = text.find(close, at + call.size());
    if (end == std::string::npos) return;
    text.replace(end, close.size(), closed);
    text.replace(at, call.size(), opened);
  }
}

}  // namespace

std::string numpy_spelling(std::string text) {
  replace_all(text, ".t()", ".T");
  replace_all(text, ".transpose(-2, -1)", ".swapaxes(-2, -1)");
  replace_all(text, ".numel()", ".size");
  replace_all(text, "keepdim=True", "keepdims=True");
  replace_brackets(text, ".size(", ")", ".shape[", "]");
  replace_brackets(text, ".sum([", "]", ".sum((", ")");
  return text;
}

}  // namespace gradient_check
