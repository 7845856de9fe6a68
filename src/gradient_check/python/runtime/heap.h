#pragma once

#include <cstddef>

#include "gradient_check/python/runtime/value.h"

namespace gradient_check::python {

class Heap;

/// An object that can be part of a cycle. The Heap knows all of them, and empties them in the end:
/// counting references alone would leave cycles behind.
struct Tracked : Object {
  Tracked(Heap& heap, Kind kind);
  ~Tracked() override;
  Tracked* previous = nullptr;
  Tracked* next = nullptr;
  Heap* heap;
};

/// Owns what a program makes, and bounds it.
class Heap {
 public:
  /// Objects that may exist at a time; one more raises MemoryError.
  static constexpr std::size_t most_objects = 20'000'000;

  Heap() = default;
  ~Heap();
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

 private:
  friend struct Tracked;
  Tracked* first_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace gradient_check::python
