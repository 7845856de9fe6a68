#pragma once

#include <algorithm>
#include <cstdlib>
#include <thread>

namespace gradient_check {

/// How many threads there may be: OMP_NUM_THREADS where it is set, else one for each core.
/// (LibTorch's own number is 1 on processors that it does not know.)
inline std::size_t thread_count() {
  const char* const wanted = std::getenv("OMP_NUM_THREADS");
  const long threads = wanted ? std::strtol(wanted, nullptr, 10) : 0;
  return threads > 0 ? static_cast<std::size_t>(threads)
                     : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace gradient_check
