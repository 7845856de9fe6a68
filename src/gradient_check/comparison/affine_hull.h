#pragma once

#include <vector>

namespace gradient_check {

/// Whether `candidate` may lie in the affine hull of what `samples` were drawn from; all of one
/// length. Differences below `tolerance` of the samples' spread count as none. Where the first half
/// of the samples does not span the second, more is possible than was seen, and the answer is yes.
bool may_lie_in_affine_hull(const std::vector<double>& candidate,
                            const std::vector<std::vector<double>>& samples, double tolerance);

}  // namespace gradient_check
