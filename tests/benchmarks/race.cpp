// Checks a case in this process, once for each line on standard input: `race CASE.json
// [FIRST.json]`. After each it prints the seconds that the check took, those of them that loading
// the case did, those that one float64 forward takes, and the largest resident memory in KiB that
// the process has gained since it had checked FIRST.json, which makes it touch LibTorch's pages;
// race.py sets them beside the peer's.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "gradient_check/check.h"
#include "gradient_check/gradient/evaluation.h"
#include "gradient_check/gradient/memory.h"
#include "gradient_check/subject/program/program_subject.h"

namespace {

using namespace gradient_check;

double seconds_of(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The median of several.
double forward_seconds(const std::string& path) {
  const auto subject = make_program_subject(load_case(path));
  const NamedTensors values = values_in(*subject, at::kDouble);
  std::vector<double> seconds;
  for (int i = 0; i < 9; ++i)
    seconds.push_back(seconds_of([&] { run_forward(*subject, values, at::kDouble); }));
  std::sort(seconds.begin(), seconds.end());
  return seconds[seconds.size() / 2];
}

long resident_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    fmt::print(stderr, "usage: race CASE.json [FIRST.json]\n");
    return 2;
  }
  keep_freed_memory();  // as the binary does
  if (argc == 3) check_file(argv[2]);
  const long at_start = resident_kib();
  for (std::string line; std::getline(std::cin, line);) {
    CaseResult result;
    const double seconds = seconds_of([&] { result = check_file(argv[1]); });
    const long resident = resident_kib() - at_start;
    const double loading = seconds_of([&] { make_program_subject(load_case(argv[1])); });
    fmt::print("{:.9f} {:.9f} {:.9f} {} {}\n", seconds, loading, forward_seconds(argv[1]), resident,
               to_string(result.verdict));
    std::fflush(stdout);
  }
}
