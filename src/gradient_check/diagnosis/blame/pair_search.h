#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "gradient_check/diagnosis/blame/search.h"

namespace gradient_check {

/// Whether the whole program, with those edits made, gives the goal its right value and loses
/// nothing.
using EditsHold = std::function<bool(const std::vector<Edit>&)>;

/// Two mistakes that meet in one value: the simplest two changes, of two of the suspects'
/// statements, that together reproduce the goal's right value to rounding and hold in the whole
/// program. Returns the change of the earlier statement, the other one being found once that is
/// made; nullopt where there are none among those that are tried.
std::optional<Repair> find_first_of_two(const Suspects& suspects, const EditsHold& hold);

}  // namespace gradient_check
