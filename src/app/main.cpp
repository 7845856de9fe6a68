#include <c10/util/Logging.h>
#include <torch/csrc/jit/runtime/print_handler.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>

#include "app/options.h"
#include "app/run.h"
#include "gradient_check/gradient/memory.h"

int main(int argc, char** argv) {
  gradient_check::keep_freed_memory();
  // A reader that goes away is an error of a write, not a death by signal.
  std::signal(SIGPIPE, SIG_IGN);
  // What a program under test prints is no part of the report.
  torch::jit::setPrintHandler([](const std::string& text) { std::cerr << text; });
  // Nobody sees LibTorch's C++ stack, and looking up its symbols takes longer than the check.
  c10::SetStackTraceFetcher(std::function<std::string()>([] { return std::string(); }));
  int exit_status = 0;
  const auto line = gradient_check::app::parse_command_line(argc, argv, exit_status);
  if (line) exit_status = gradient_check::app::run(*line);
  // All is said and written: to take LibTorch's tables apart would only keep the user waiting.
  std::cout.flush();
  std::fflush(nullptr);
  std::quick_exit(exit_status);
}
