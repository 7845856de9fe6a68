#pragma once

#include <optional>
#include <set>

#include "gradient_check/gradient/evaluations.h"

namespace gradient_check {

/// Autograd's float64 gradients at the evaluations' point, were those calls of detach(), counted
/// from 0, left out of the forward. A detach_() stays. Nothing where LibTorch then refuses to
/// differentiate it.
std::optional<Evaluation> autograd_undetached(const Evaluations& evaluations,
                                              const std::set<std::size_t>& calls);

}  // namespace gradient_check
