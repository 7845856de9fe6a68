#include "app/pool/memory.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <thread>

namespace gradient_check::app {
namespace {

/// The number in a file that holds one, or `otherwise` ("max", or no such file).
std::uint64_t number_in(const char* file, std::uint64_t otherwise) {
  std::ifstream stream(file);
  std::uint64_t value = 0;
  return stream >> value ? value : otherwise;
}

}  // namespace

std::uint64_t default_memory_bytes(std::size_t jobs) {
  constexpr std::uint64_t least = 2ULL << 30U;
  std::uint64_t total = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                        static_cast<std::uint64_t>(::sysconf(_SC_PAGE_SIZE));
  total = std::min(total, number_in("/sys/fs/cgroup/memory.max", total));
  total = std::min(total, number_in("/sys/fs/cgroup/memory/memory.limit_in_bytes", total));
  const std::size_t shares = std::max<std::size_t>({jobs, std::thread::hardware_concurrency(), 1});
  return std::max(least, total / 5 * 4 / shares);
}

std::int64_t out_of_memory_kills() {
  std::ifstream stream("/proc/vmstat");
  std::string name;
  std::int64_t value = 0;
  while (stream >> name >> value)
    if (name == "oom_kill") return value;
  return -1;
}

}  // namespace gradient_check::app
