#include "gradient_check/python/runtime/sequence.h"

namespace gradient_check::python {

const TupleFields& size_fields() {
  static const TupleFields fields{"torch.Size", {}};
  return fields;
}

std::int64_t Range::length() const {
  // Unsigned: the distance between two 64-bit integers need not fit in one.
  const auto distance = [](std::int64_t from, std::int64_t to) {
    return static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
  };
  if (step > 0 && start < stop)
    return static_cast<std::int64_t>(
        (distance(start, stop) - 1) / static_cast<std::uint64_t>(step) + 1);
  if (step < 0 && start > stop)
    return static_cast<std::int64_t>(
        (distance(stop, start) - 1) / (0 - static_cast<std::uint64_t>(step)) + 1);
  return 0;
}

}  // namespace gradient_check::python
