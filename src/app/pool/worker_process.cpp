#include "app/pool/worker_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <thread>
#include <vector>

extern char** environ;

namespace gradient_check::app {
namespace {

constexpr std::size_t kept_output = 1U << 15U;  ///< bytes, of the first and of the last

[[noreturn]] void fail(const std::string& what) {
  throw WorkerError(fmt::format("cannot {}: {}", what, std::strerror(errno)));
}

/// Beside this program, or where an installation puts it.
std::string worker_program() {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (error)  // a container without /proc
    // NOLINTNEXTLINE(performance-no-int-to-ptr): that is what getauxval gives
    self = fs::weakly_canonical(reinterpret_cast<const char*>(::getauxval(AT_EXECFN)), error);
  const fs::path folder = self.parent_path();
  const std::array<fs::path, 2> places{
      folder / "gradient-check-worker",
      folder / ".." / "libexec" / "gradient-check" / "gradient-check-worker"};
  for (const fs::path& place : places)
    if (::access(place.c_str(), X_OK) == 0) return place.string();
  throw WorkerError(fmt::format(
      "the program gradient-check-worker is missing: it belongs beside {} or into {}",
      self.string(), (folder / "../libexec/gradient-check").lexically_normal().string()));
}

/// Both ends, closed on exec, above the numbers that a worker finds its own under.
std::array<Descriptor, 2> make_pipe() {
  std::array<int, 2> low{};
  if (::pipe2(low.data(), O_CLOEXEC) != 0) fail("make a pipe");
  std::array<Descriptor, 2> ends;
  for (std::size_t i = 0; i < 2; ++i) {
    const Descriptor closed(low[i]);
    ends[i] = Descriptor(::fcntl(low[i], F_DUPFD_CLOEXEC, 10));
    if (ends[i].get() < 0) fail("make a pipe");
  }
  return ends;
}

Descriptor make_shared_memory(std::size_t bytes) {
  const Descriptor low(::memfd_create("gradient-check", MFD_CLOEXEC));
  Descriptor memory(::fcntl(low.get(), F_DUPFD_CLOEXEC, 10));
  if (memory.get() < 0 || ::ftruncate(memory.get(), static_cast<off_t>(bytes)) != 0)
    fail("make shared memory");
  return memory;
}

/// Ours, but for threads: LibTorch's operators keep to one, so that sums have one order, and
/// evaluations are shared out to `threads`.
std::vector<std::string> environment_of_worker(std::size_t threads) {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text = *entry;
    if (text.rfind("OMP_NUM_THREADS=", 0) != 0 && text.rfind("OPENBLAS_NUM_THREADS=", 0) != 0 &&
        text.rfind("MKL_NUM_THREADS=", 0) != 0)
      variables.emplace_back(text);
  }
  variables.push_back(fmt::format("OMP_NUM_THREADS={}", threads));
  variables.emplace_back("OPENBLAS_NUM_THREADS=1");
  variables.emplace_back("MKL_NUM_THREADS=1");
  return variables;
}

/// Starts the worker with its descriptors in place: 0 requests, 1 and 2 output, 3 results, 4
/// memory.
pid_t spawn(int requests, int output, int results, int memory, std::size_t threads) {
  const std::string program = worker_program();
  std::vector<std::string> variables = environment_of_worker(threads);
  std::vector<char*> environment;
  environment.reserve(variables.size() + 1);
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  std::string name = "gradient-check-worker";
  std::array<char*, 2> arguments{name.data(), nullptr};

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const auto& [from, to] :
       {std::pair{requests, STDIN_FILENO}, std::pair{output, STDOUT_FILENO},
        std::pair{output, STDERR_FILENO}, std::pair{results, wire::result_descriptor},
        std::pair{memory, wire::last_operation_descriptor}})
    posix_spawn_file_actions_adddup2(&actions, from, to);
  // What else is open here, by our caller's doing, is none of a case's business.
  posix_spawn_file_actions_addclosefrom_np(&actions, wire::last_operation_descriptor + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t process = -1;
  errno = ::posix_spawn(&process, program.c_str(), &actions, &attributes, arguments.data(),
                        environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (errno != 0) fail(fmt::format("start {}", program));
  return process;
}

}  // namespace

WorkerProcess::WorkerProcess(const wire::WorkerSettings& settings, std::size_t threads) {
  auto [requests_read, requests_write] = make_pipe();
  auto [results_read, results_write] = make_pipe();
  auto [output_read, output_write] = make_pipe();
  const Descriptor memory = make_shared_memory(sizeof(wire::LastOperation));
  void* mapped = ::mmap(nullptr, sizeof(wire::LastOperation), PROT_READ | PROT_WRITE, MAP_SHARED,
                        memory.get(), 0);
  if (mapped == MAP_FAILED) fail("map shared memory");
  shared_ = static_cast<wire::LastOperation*>(mapped);
  try {
    process_ =
        spawn(requests_read.get(), output_write.get(), results_write.get(), memory.get(), threads);
  } catch (...) {
    ::munmap(shared_, sizeof *shared_);
    throw;
  }
  requests_ = std::move(requests_write);
  results_ = std::move(results_read);
  output_ = std::move(output_read);
  ::fcntl(results_.get(), F_SETFL, O_NONBLOCK);
  ::fcntl(output_.get(), F_SETFL, O_NONBLOCK);
  send(wire::FrameKind::settings, wire::to_bytes(settings));
}

WorkerProcess::~WorkerProcess() {
  kill();
  ::munmap(shared_, sizeof *shared_);
}

bool WorkerProcess::send(wire::FrameKind kind, const std::string& payload) {
  return wire::write_frame(requests_.get(), kind, payload);
}

bool WorkerProcess::receive() {
  pollfd readable{results_.get(), POLLIN, 0};
  while (::poll(&readable, 1, 0) > 0)
    if (!reader_.fill(results_.get())) return false;
  return true;
}

void WorkerProcess::receive_output() {
  std::array<char, 1U << 14U> room;
  // Not for ever: one that never stops printing must still be told that its time is up.
  for (int piece = 0; piece < 64; ++piece) {
    const ssize_t count = ::read(output_.get(), room.data(), room.size());
    if (count <= 0) return;
    const std::string_view text(room.data(), static_cast<std::size_t>(count));
    const std::size_t fits = std::min(text.size(), kept_output - first_output_.size());
    first_output_ += text.substr(0, fits);
    last_output_ += text.substr(fits);
    if (last_output_.size() > 2 * kept_output) {
      last_output_.erase(0, last_output_.size() - kept_output);
      output_cut_ = true;
    }
  }
}

std::string WorkerProcess::take_output() {
  std::string all = std::move(first_output_);
  if (output_cut_) all += "\n(…)\n";
  all += last_output_;
  first_output_.clear();
  last_output_.clear();
  output_cut_ = false;
  return all;
}

bool WorkerProcess::has_ended(int wait_options) {
  if (process_ < 0) return true;
  pid_t ended = 0;
  rusage used{};
  do {
    ended = ::wait4(process_, &status_, wait_options, &used);
  } while (ended < 0 && errno == EINTR);
  if (ended == 0) return false;
  process_ = -1;
  processor_seconds_ = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec);
  receive_output();
  return true;
}

void WorkerProcess::kill() {
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  has_ended(0);
}

Death WorkerProcess::death() {
  // Its descriptors are closed a little before it is dead.
  for (int waited = 0; waited < 1000 && !has_ended(WNOHANG); ++waited)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  Death death;
  death.hung_up = process_ >= 0;
  kill();
  death.processor_seconds = processor_seconds_;
  if (WIFSIGNALED(status_)) death.signal = WTERMSIG(status_);
  if (WIFEXITED(status_)) death.exit_status = WEXITSTATUS(status_);
  return death;
}

}  // namespace gradient_check::app
