#pragma once

#include <string>
#include <utility>
#include <vector>

namespace gradient_check {

/// A case for a program, as it will be written.
struct ProgramDraft {
  using Values = std::vector<std::pair<std::string, std::string>>;  ///< JSON by name

  std::string file;  ///< as the case names it
  std::string entry;
  std::string dtype;  ///< empty: as the case format has it
  Values inputs, parameters, arguments;
  std::vector<std::string> taken;  ///< names of what nobody gave: their values were found by trying

  /// As a case file.
  std::string text() const;
  /// "x [4, 3], alpha 0.5": what nobody gave.
  std::string taken_text() const;
};

}  // namespace gradient_check
