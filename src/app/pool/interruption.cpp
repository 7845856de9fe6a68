#include "app/pool/interruption.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace gradient_check::app {
namespace {

constexpr std::array<int, 3> signals{SIGINT, SIGTERM, SIGHUP};
volatile std::sig_atomic_t came = 0;
std::array<int, 2> wake{-1, -1};

void note(int signal) {
  const int saved = errno;
  came = signal;
  static_cast<void>(!::write(wake[1], "", 1));
  errno = saved;
}

}  // namespace

Interruption::Interruption() {
  came = 0;
  if (::pipe2(wake.data(), O_CLOEXEC | O_NONBLOCK) != 0) wake = {-1, -1};
  struct sigaction once {};
  once.sa_handler = note;
  once.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : signals) {
    struct sigaction before {};
    // One that a shell's nohup or & had ignored stays so.
    if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler != SIG_IGN)
      ::sigaction(signal, &once, nullptr);
  }
}

Interruption::~Interruption() {
  for (const int signal : signals) {
    struct sigaction now {};
    if (::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == note)
      std::signal(signal, SIG_DFL);
  }
  for (int& end : wake)
    if (end >= 0) ::close(end), end = -1;
}

int Interruption::signal() const { return came; }
int Interruption::descriptor() const { return wake[0]; }

}  // namespace gradient_check::app
