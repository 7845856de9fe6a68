#pragma once

#include "app/options.h"

namespace gradient_check::app {

/// Does what the command line asks for; returns the exit status.
int run(const CommandLine& line);

}  // namespace gradient_check::app
