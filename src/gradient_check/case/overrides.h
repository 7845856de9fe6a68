#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace gradient_check {

/// What the command line puts in place of what the case says.
struct CaseOverrides {
  std::optional<std::uint64_t> seed;
  std::optional<double> rtol, atol;
  std::string device = "cpu";  ///< where the forward and the manual code run
  bool plots = false;          ///< the result keeps elements and sources, for the HTML report
};

}  // namespace gradient_check
