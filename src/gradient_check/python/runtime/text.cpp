#include "gradient_check/python/runtime/text.h"

#include <algorithm>

namespace gradient_check::python {
namespace {

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

}  // namespace

std::int64_t length(const Text& text) {
  if (text.is_ascii) return static_cast<std::int64_t>(text.text.size());
  return std::count_if(text.text.begin(), text.text.end(), begins_character);
}

std::size_t byte_offset(const Text& text, std::int64_t index) {
  if (text.is_ascii) return static_cast<std::size_t>(index);
  std::size_t offset = 0;
  for (; offset < text.text.size(); ++offset)
    if (begins_character(text.text[offset]) && index-- == 0) break;
  return offset;
}

}  // namespace gradient_check::python
