#pragma once

#include <optional>
#include <vector>

#include "gradient_check/diagnosis/blame/workbench.h"

namespace gradient_check {

/// The program with `+ 1e-7` and the like taken out of some statements.
struct Unguarded {
  std::vector<Edit> guards;
  std::unique_ptr<StepwiseProgram> program;
  Trace trace;
};

/// The program without the guards in the statements of these writes; nullopt where there are none.
std::optional<Unguarded> unguarded(const Workbench& bench, const std::vector<std::size_t>& chain);

/// The write in whose statement a guard stands; the last where it is in none.
std::size_t guarded_write(const Trace& manual, const std::vector<std::size_t>& chain,
                          const Edit& guard);

}  // namespace gradient_check
