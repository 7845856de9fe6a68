#include "worker/limits.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <thread>

#include "worker/landlock.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__  // as GCC does
#endif
#endif

namespace gradient_check::worker {
namespace {

void limit(int resource, rlim_t value) {
  rlimit limits{};
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &limits) != 0) return;
  limits.rlim_cur = limits.rlim_max == RLIM_INFINITY ? value : std::min(value, limits.rlim_max);
  ::setrlimit(static_cast<__rlimit_resource>(resource), &limits);
}

/// What this process may take, or 0: any amount. AddressSanitizer maps terabytes for itself.
std::uint64_t allowed_memory(const wire::WorkerSettings& settings) {
#ifdef __SANITIZE_ADDRESS__
  return 0;
#endif
  // A GPU's driver reserves far more than it uses.
  return settings.overrides.device.rfind("cpu", 0) == 0 ? settings.memory_bytes : 0;
}

/// Whether nothing but our code and LibTorch's runs here, whose needs we know.
bool is_alone(const wire::WorkerSettings& settings) {
  return settings.libraries.empty() && settings.overrides.device.rfind("cpu", 0) == 0;
}

/// Linux's numbers on this process's memory; open from before confine, behind which it cannot be
/// opened.
int own_memory() {
  static const int descriptor = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  return descriptor;
}

}  // namespace

void set_limits(const wire::WorkerSettings& settings) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != static_cast<pid_t>(settings.parent)) std::_Exit(1);  // it is dead already
  // A terminal sends these to all of its foreground processes; who started us decides.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) std::signal(signal, SIG_IGN);
  limit(RLIMIT_CORE, 0);
  if (is_alone(settings)) {
    std::signal(SIGXFSZ, SIG_IGN);
    limit(RLIMIT_FSIZE, 0);
  }
}

void confine(const wire::WorkerSettings& settings) {
  own_memory();
  if (is_alone(settings)) confine_to(settings.readable);
}

void limit_memory(const wire::WorkerSettings& settings) {
  if (const std::uint64_t bytes = allowed_memory(settings); bytes > 0) limit(RLIMIT_DATA, bytes);
}

bool is_worn_out(const wire::WorkerSettings& settings) {
  const std::uint64_t allowed = allowed_memory(settings);
  if (allowed == 0) return false;
  std::array<char, 256> text{};
  if (::pread(own_memory(), text.data(), text.size() - 1, 0) <= 0) return false;
  std::istringstream numbers(text.data());
  std::uint64_t size = 0, resident = 0, shared = 0, code = 0, library = 0, data = 0;
  if (!(numbers >> size >> resident >> shared >> code >> library >> data)) return false;
  return data * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) > allowed / 2;
}

void set_processor_time(double timeout) {
  if (timeout <= 0) return;
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const double allowed = timeout * std::max(1U, std::thread::hardware_concurrency()) + 10;
  limit(RLIMIT_CPU, static_cast<rlim_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec +
                                        std::llround(std::min(allowed, 1e9))));
}

}  // namespace gradient_check::worker
