#include "app/pool/kills_by_others.h"

#include <sys/resource.h>

#include <csignal>
#include <utility>

#include "app/pool/memory.h"

namespace gradient_check::app {
namespace {

/// Whether a process used up what its system allows any process of processor time.
bool used_up_its_time(const Death& death) {
  rlimit allowed{};
  return ::getrlimit(RLIMIT_CPU, &allowed) == 0 && allowed.rlim_max != RLIM_INFINITY &&
         death.processor_seconds + 1 >= static_cast<double>(allowed.rlim_max);
}

}  // namespace

KillsByOthers::KillsByOthers() : out_of_memory_kills_(out_of_memory_kills()) {}

bool KillsByOthers::is_one(const Death& death) {
  if (death.signal != SIGKILL || death.hung_up || used_up_its_time(death)) return false;
  const std::int64_t before = std::exchange(out_of_memory_kills_, out_of_memory_kills());
  return before >= 0 && out_of_memory_kills_ == before;
}

}  // namespace gradient_check::app
