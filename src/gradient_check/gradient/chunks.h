#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "gradient_check/gradient/parallel.h"

namespace gradient_check {

/// part(first, last) for the runs of indices that make up [0, count), in their order; on all cores
/// where they are many. `part` may not throw.
template <typename Part>
auto over_chunks(std::int64_t count, const Part& part) {
  constexpr std::int64_t parallel_from = 1 << 18, chunk = 1 << 16;
  std::vector<decltype(part(count, count))> parts;
  if (count < parallel_from) {
    parts.push_back(part(std::int64_t{0}, count));
    return parts;
  }
  parts.resize(static_cast<std::size_t>((count + chunk - 1) / chunk));
  parallel_items(static_cast<std::int64_t>(parts.size()), 1, [&](std::size_t, std::int64_t item) {
    parts[static_cast<std::size_t>(item)] = part(item * chunk, std::min(count, (item + 1) * chunk));
  });
  return parts;
}

}  // namespace gradient_check
