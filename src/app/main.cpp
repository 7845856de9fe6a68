#include <csignal>
#include <cstdio>
#include <iostream>

#include "app/options.h"
#include "app/run.h"

int main(int argc, char** argv) {
  // A reader that goes away is an error of a write, not a death by signal.
  std::signal(SIGPIPE, SIG_IGN);
  // Who started us may have ignored it, and nobody could say then how a worker ended.
  std::signal(SIGCHLD, SIG_DFL);
  int exit_status = 0;
  const auto line = gradient_check::app::parse_command_line(argc, argv, exit_status);
  if (line) exit_status = gradient_check::app::run(*line);
  std::cout.flush();
  std::fflush(nullptr);
  return exit_status;
}
