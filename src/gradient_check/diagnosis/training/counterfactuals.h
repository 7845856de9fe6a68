#pragma once

#include <vector>

#include "gradient_check/diagnosis/training/training.h"

namespace gradient_check {

/// Whether the loss of a finite run is higher in the end than it was at the start.
bool rises(const TrainingRun& run);
/// Whether it moved by less than a hundredth, over at least ten steps.
bool stalls(const TrainingRun& run);

/// Whether it hardly moved in the second half of a run, far from having been brought down to
/// nothing.
bool levels_off(const TrainingRun& run);

/// The same run from the start with one thing changed: autograd's gradient for the manual one, a
/// tenth of the learning rate, half of the rate that the curvature allows, float64, the stable
/// forms
/// (`repaired`, the subject with them in its text; null where there are none). Each is given
/// as many steps as the run was to have, and `seconds`: one that is cut short before it comes to
/// where the given run is in trouble tells nothing.
std::vector<Counterfactual> run_counterfactuals(const TrainingPoint& point,
                                                const TrainingEvidence& evidence,
                                                const Subject* repaired, double seconds = 10);

}  // namespace gradient_check
