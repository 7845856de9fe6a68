#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace gradient_check::app {

/// What stderr says while cases run: how far they are, on one line that a terminal overwrites and
/// that is seen nowhere else; and what they print.
class Progress {
 public:
  explicit Progress(std::size_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void at(std::size_t done, const std::string& path);
  /// Each line behind the case's name: a line of its own making could be a command to whoever reads
  /// our output (GitHub's runner).
  void show_output(const std::string& path, const std::string& output);

 private:
  void clear();

  std::size_t total_;
  bool shown_, drawn_ = false;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace gradient_check::app
