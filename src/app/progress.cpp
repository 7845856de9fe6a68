#include "app/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <sstream>
#include <utility>

#include "gradient_check/report/printable.h"

namespace gradient_check::app {

Progress::Progress(std::size_t total) : total_(total), shown_(::isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() { clear(); }

void Progress::at(std::size_t done, const std::string& path) {
  const auto now = std::chrono::steady_clock::now();
  if (!shown_ || now - start_ < std::chrono::milliseconds(500)) return;
  fmt::print(stderr, "\r\x1b[K[{}/{}] {}", done, total_, one_line(path));
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::show_output(const std::string& path, const std::string& output) {
  clear();
  std::istringstream lines(printable(output));
  for (std::string line; std::getline(lines, line);)
    fmt::print(stderr, "{} | {}\n", one_line(path), line);
}

void Progress::clear() {
  if (std::exchange(drawn_, false)) fmt::print(stderr, "\r\x1b[K");
}

}  // namespace gradient_check::app
