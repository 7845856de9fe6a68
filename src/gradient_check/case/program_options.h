#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gradient_check/case/json_value.h"

namespace gradient_check {

/// Whose gradient each returned value, variable or attribute is, where names do not say.
struct GradientNames {
  /// By position; nothing for what is no gradient. Empty where the case does not list them.
  std::vector<std::optional<std::string>> positions;
  /// {"d_w1": "w1"}: what the program calls it, and the tensor it belongs to.
  std::vector<std::pair<std::string, std::string>> names;

  bool empty() const { return positions.empty() && names.empty(); }
};

/// What a case says of its program besides its text.
struct ProgramOptions {
  std::string entry;                    ///< what is checked; empty: the one that can be meant
  std::optional<JsonCursor> arguments;  ///< an object: arguments that are no tensors
  GradientNames gradients;
  std::string loss;       ///< the variable or expression that is differentiated; empty: by its name
  std::string reference;  ///< the function whose gradient is meant; empty: the forward itself
};

}  // namespace gradient_check
