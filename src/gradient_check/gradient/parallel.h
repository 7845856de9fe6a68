#pragma once

#include <cstdint>
#include <functional>

namespace gradient_check {

/// Calls body(worker, item) for every item in [0, count), each worker on a thread of its own, with
/// LibTorch and BLAS working single-threaded inside it. Workers take items as they become free:
/// `chunk` at a time. `body` works on what belongs to its worker, and to its item.
void parallel_items(std::int64_t count, std::int64_t chunk,
                    const std::function<void(std::size_t worker, std::int64_t item)>& body);

/// How many workers parallel_items uses for that many items at most.
std::size_t worker_count();

}  // namespace gradient_check
