#include "app/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "wire/write_all.h"

namespace gradient_check::app {

void write_whole(const std::string& path, const std::string& text) {
  const std::string temporary = fmt::format("{}.{}.tmp", path, ::getpid());
  const auto fail = [&](const char* what) {
    const std::string reason = std::strerror(errno);
    ::unlink(temporary.c_str());
    throw OutputError(fmt::format("cannot {} {}: {}", what, path, reason));
  };
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (descriptor < 0) fail("write");
  const bool written = wire::write_all(descriptor, text) && ::fsync(descriptor) == 0;
  const int reason = errno;
  const bool closed = ::close(descriptor) == 0;
  if (!written) errno = reason;
  if (!written || !closed) fail("write");
  if (::rename(temporary.c_str(), path.c_str()) != 0) fail("rename the finished report to");
}

void write_stdout(const std::string& text) {
  if (!wire::write_all(STDOUT_FILENO, text))
    throw OutputError(fmt::format("cannot write to standard output: {}", std::strerror(errno)));
}

}  // namespace gradient_check::app
