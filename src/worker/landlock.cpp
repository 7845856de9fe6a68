#include "worker/landlock.h"

#include <fcntl.h>
#include <link.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <set>

namespace gradient_check::worker {
namespace {

/// landlock_ruleset_attr as of Landlock's version 6; older headers have its first fields alone.
struct Ruleset {
  std::uint64_t handled_access_fs, handled_access_net, scoped;
};

/// Everything that Landlock of this version knows is refused but where a rule allows it.
Ruleset refuse_everything(int version) {
  constexpr int first = 13;  // kinds of access to files in version 1
  const int files = first + (version >= 2) + (version >= 3) + (version >= 5);
  return {(std::uint64_t{1} << files) - 1, version >= 4 ? 3U : 0U, version >= 6 ? 3U : 0U};
}

/// Allows reading and writing, of what Landlock calls so, beneath a path. What is not there needs
/// no rule.
void allow(int ruleset, const std::string& path, std::uint64_t access) {
  landlock_path_beneath_attr rule{};
  rule.parent_fd = ::open(path.c_str(), O_PATH | O_CLOEXEC);
  if (rule.parent_fd < 0) return;
  struct stat status {};
  ::fstat(rule.parent_fd, &status);
  rule.allowed_access = access;
  if (S_ISDIR(status.st_mode)) rule.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;
  ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  ::close(rule.parent_fd);
}

/// Where this process's libraries lie: LibTorch loads more of them when it first needs them.
std::set<std::string> library_folders() {
  std::set<std::string> folders;
  ::dl_iterate_phdr(
      [](dl_phdr_info* library, std::size_t, void* found) {
        const std::filesystem::path path(library->dlpi_name);
        if (path.is_absolute())
          static_cast<std::set<std::string>*>(found)->insert(path.parent_path().string());
        return 0;
      },
      &folders);
  return folders;
}

}  // namespace

bool confine_to(const std::vector<std::string>& readable) {
  const long version =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return false;
  const Ruleset everything = refuse_everything(static_cast<int>(version));
  const std::size_t size = version >= 6   ? sizeof(Ruleset)
                           : version >= 4 ? 2 * sizeof(std::uint64_t)
                                          : sizeof(std::uint64_t);
  const int ruleset =
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &everything, size, 0));
  if (ruleset < 0) return false;
  for (const std::string& path : readable) allow(ruleset, path, LANDLOCK_ACCESS_FS_READ_FILE);
  for (const std::string& path : library_folders())
    allow(ruleset, path, LANDLOCK_ACCESS_FS_READ_FILE);
  for (const char* path :
       {"/etc/ld.so.cache", "/etc/localtime", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat",
        "/sys/devices/system", "/dev/urandom", "/dev/random", "/dev/zero"})
    allow(ruleset, path, LANDLOCK_ACCESS_FS_READ_FILE);
  allow(ruleset, "/dev/null", LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE);
  const bool confined = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                        ::syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
  ::close(ruleset);
  return confined;
}

}  // namespace gradient_check::worker
