#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace gradient_check {

/// What the command line says of a program that is given directly, in place of a case.
struct ProgramOverrides {
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> shapes;  ///< --shape x=4,3
  std::vector<std::pair<std::string, std::string>> values;  ///< --set alpha=0.5, as JSON
  std::string dtype;  ///< --dtype; empty: as the case format has it
};

}  // namespace gradient_check
