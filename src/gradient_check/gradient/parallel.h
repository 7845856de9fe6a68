#pragma once

#include <cstdint>
#include <functional>

namespace gradient_check {

/// From now on LibTorch's operators use that many threads each.
void set_operator_threads(int count);

/// Calls body(worker, item) for every item in [0, count), each worker on a thread of its own, with
/// autograd disabled and with LibTorch and OpenBLAS starting no threads in turn. Workers take
/// `chunk` items at a time, as they become free. `body` may not throw, and works on what belongs to
/// its worker and its item alone.
void parallel_items(std::int64_t count, std::int64_t chunk,
                    const std::function<void(std::size_t worker, std::int64_t item)>& body);

}  // namespace gradient_check
