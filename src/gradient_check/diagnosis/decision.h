#pragma once

#include <optional>
#include <string>

#include "gradient_check/gradient/evaluations.h"

namespace gradient_check {

/// An operation of the forward whose result moves in steps: a comparison, a rounding, an index.
struct Decision {
  std::string operation;              ///< "torch.gt"
  std::optional<RunningPlace> place;  ///< where a program's text has it
};

/// The first decision of a forward that falls otherwise at `there` than at `here`, two points that
/// differ by a few units in the last place of one element; nothing where none does.
std::optional<Decision> decision_between(const Evaluations& evaluations, const NamedTensors& here,
                                         const NamedTensors& there);

}  // namespace gradient_check
