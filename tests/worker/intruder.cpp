// Preloaded into a worker: does, in the middle of the first case, what INTRUDER_ACT says, and ends
// the worker with status 77 where it could, and with 78 where it was never asked to.
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

namespace {

/// Nobody listens there: to be refused by that machine is to have reached it.
bool connects() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(1);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ||
         errno == ECONNREFUSED;
}

bool runs() {
  const pid_t child = ::fork();
  if (child == 0) {
    const char* none = nullptr;
    ::execle("/bin/true", "true", nullptr, &none);  // without this library
    ::_exit(1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool act(const std::string& what, const char* path) {
  if (what == "read") return ::open(path, O_RDONLY) >= 0;
  if (what == "write") return ::open(path, O_WRONLY | O_TRUNC) >= 0;
  if (what == "make") return ::open(path, O_WRONLY | O_CREAT, 0600) >= 0;
  // A case whose worker died runs once more, without the file.
  if (what == "remove") return ::unlink(path) == 0 || errno == ENOENT;
  if (what == "descriptor") return ::fcntl(7, F_GETFD) >= 0;  // which a worker is not given
  if (what == "connect") return connects();
  if (what == "run") return runs();
  if (what == "signal") return ::kill(::getppid(), 0) == 0;
  ::_exit(78);
}

}  // namespace

/// A worker asks for the time it has used when a case begins.
extern "C" int getrusage(__rusage_who_t who, rusage* usage) {
  static const auto original =
      reinterpret_cast<int (*)(__rusage_who_t, rusage*)>(::dlsym(RTLD_NEXT, "getrusage"));
  const char* what = std::getenv("INTRUDER_ACT");
  if (what && std::strcmp(program_invocation_short_name, "gradient-check-worker") == 0 &&
      act(what, std::getenv("INTRUDER_PATH")))
    ::_exit(77);
  return original(who, usage);
}
