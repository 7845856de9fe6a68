#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gradient_check/gradient/finite_difference.h"

namespace gradient_check {

/// Central differences of many elements of one tensor, in the order of `indices`. Where the forward
/// can be replayed (see Replay) they cost what depends on the element; the replay is first held
/// against the forward itself. Elements are shared out to all threads. Whoever does not like a
/// result may ask central_difference, which evaluates the forward itself.
std::vector<CentralDifference> central_differences(Objective& objective, const std::string& name,
                                                   const std::vector<std::int64_t>& indices);

}  // namespace gradient_check
