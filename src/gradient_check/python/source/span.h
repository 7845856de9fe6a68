#pragma once

#include <cstdint>

namespace gradient_check::python {

/// Bytes [begin, end) of a SourceText.
struct Span {
  std::uint32_t begin = 0, end = 0;

  std::uint32_t size() const { return end - begin; }
  bool empty() const { return begin == end; }
  bool contains(Span other) const { return begin <= other.begin && other.end <= end; }
  bool operator==(const Span&) const = default;
};

}  // namespace gradient_check::python
