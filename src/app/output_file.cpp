#include "app/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "wire/write_all.h"

namespace gradient_check::app {
namespace {

namespace fs = std::filesystem;

/// Throws OutputError for the error that errno names.
[[noreturn]] void fail(const char* what, const std::string& path) {
  throw OutputError(fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
}

/// Whether everything was written and the descriptor closed; errno says why not.
bool write_and_close(int descriptor, const std::string& text, bool to_disk) {
  const bool written = wire::write_all(descriptor, text) && (!to_disk || ::fsync(descriptor) == 0);
  const int reason = errno;
  const bool closed = ::close(descriptor) == 0;
  if (!written) errno = reason;
  return written && closed;
}

/// A terminal, a pipe, /dev/null: to be written to, and not to be replaced by a file.
bool is_no_file(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

}  // namespace

void write_whole(const std::string& path, const std::string& text) {
  if (is_no_file(path)) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0 || !write_and_close(descriptor, text, false)) fail("write", path);
    return;
  }
  // A link stays one.
  std::error_code error;
  const fs::path named(path);
  const fs::path target = fs::is_symlink(named, error) ? fs::weakly_canonical(named, error) : named;
  const std::string temporary = fmt::format("{}.{}.tmp", target.string(), ::getpid());
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (descriptor < 0) fail("write", path);
  const char* step = "write";
  bool done = write_and_close(descriptor, text, true);
  if (done) {
    step = "rename the finished report to";
    done = ::rename(temporary.c_str(), target.c_str()) == 0;
  }
  if (done) return;
  const int reason = errno;
  ::unlink(temporary.c_str());
  errno = reason;
  fail(step, path);
}

void write_stdout(const std::string& text) {
  if (!wire::write_all(STDOUT_FILENO, text))
    throw OutputError(fmt::format("cannot write to standard output: {}", std::strerror(errno)));
}

}  // namespace gradient_check::app
