#pragma once

#include "gradient_check/comparison/compare.h"

namespace gradient_check {

/// What plots of a finished comparison show: all elements where they are few; else the one that is
/// off most, some of those that differ or lie at kinks, and others evenly spread, with a map of all
/// differences. Elements are differentiated by `objective`, unless it is null; where random
/// directions covered the tensor, only a few that differ are, for each costs evaluations of a large
/// network.
GradientPlot plot_of(const TensorComparison& tensor, Objective* objective);

}  // namespace gradient_check
