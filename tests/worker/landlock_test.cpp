#include "worker/landlock.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

namespace gradient_check::worker {
namespace {

namespace fs = std::filesystem;

class Landlock : public testing::Test {
 protected:
  void SetUp() override {
    if (::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) < 1)
      GTEST_SKIP() << "this Linux has no Landlock";
    folder_ = fs::temp_directory_path() / ("landlock_test." + std::to_string(::getpid()));
    for (const char* name : {"inside", "inside/deeper", "outside"})
      fs::create_directories(folder_ / name);
    for (const char* name : {"inside/file", "inside/deeper/file", "outside/file", "outside/named"})
      std::ofstream(folder_ / name) << "text";
    fs::create_symlink(folder_ / "outside/file", folder_ / "inside/link");
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  std::string at(const std::string& name) const { return (folder_ / name).string(); }
  /// 0, or what Linux has against it.
  int opening(const std::string& path, int flags) const {
    return ::open(path.c_str(), flags, 0600) >= 0 ? 0 : errno;
  }

  /// What `act` returns in a process that is confined to the folder `inside` and the file
  /// `outside/named`; 255 where it could not be confined.
  void expect_confined(int expected, const std::function<int()>& act) const {
    EXPECT_EXIT(
        std::_Exit(confine_to({at("inside"), at("outside/named"), at("missing")}) ? act() : 255),
        testing::ExitedWithCode(expected), "");
  }

  fs::path folder_;
};

TEST_F(Landlock, ReadsWhatIsNamedAlone) {
  expect_confined(0, [&] { return opening(at("inside/file"), O_RDONLY); });
  expect_confined(0, [&] { return opening(at("inside/deeper/file"), O_RDONLY); });
  expect_confined(0, [&] { return opening(at("inside"), O_RDONLY | O_DIRECTORY); });
  expect_confined(0, [&] { return opening(at("outside/named"), O_RDONLY); });
  expect_confined(EACCES, [&] { return opening(at("outside/file"), O_RDONLY); });
  expect_confined(EACCES, [&] { return opening(at("outside"), O_RDONLY | O_DIRECTORY); });
  expect_confined(EACCES, [&] { return opening(at("inside/link"), O_RDONLY); });
  expect_confined(EACCES, [&] { return opening(at("inside/../outside/file"), O_RDONLY); });
  expect_confined(EACCES, [&] { return opening("/etc/passwd", O_RDONLY); });
  expect_confined(EACCES, [&] { return opening("/proc/self/environ", O_RDONLY); });
}

TEST_F(Landlock, WritesNothing) {
  expect_confined(EACCES, [&] { return opening(at("inside/file"), O_WRONLY); });
  expect_confined(EACCES, [&] { return opening(at("inside/file"), O_RDWR); });
  expect_confined(EACCES, [&] { return opening(at("inside/file"), O_RDONLY | O_TRUNC); });
  expect_confined(EACCES, [&] { return opening(at("inside/new"), O_WRONLY | O_CREAT); });
  expect_confined(EACCES, [&] { return ::unlink(at("inside/file").c_str()) == 0 ? 0 : errno; });
  expect_confined(EACCES, [&] { return ::mkdir(at("inside/new").c_str(), 0700) == 0 ? 0 : errno; });
  expect_confined(EACCES, [&] {
    return ::rename(at("inside/file").c_str(), at("inside/moved").c_str()) == 0 ? 0 : errno;
  });
  expect_confined(0, [&] { return opening("/dev/null", O_WRONLY); });
}

TEST_F(Landlock, HoldsForThreadsToCome) {
  expect_confined(EACCES, [&] {
    int error = 0;
    std::thread([&] { error = opening("/etc/passwd", O_RDONLY); }).join();
    return error;
  });
}

TEST_F(Landlock, RunsNoProgram) {
  expect_confined(EACCES, [&] {
    ::execl("/bin/true", "true", nullptr);
    return errno;
  });
}

TEST_F(Landlock, LoadsLibrariesBesideThoseThatAreLoaded) {
  // A library of libc's own folder, which this process has not loaded.
  expect_confined(0, [&] { return ::dlopen("libanl.so.1", RTLD_NOW) ? 0 : 1; });
}

}  // namespace
}  // namespace gradient_check::worker
