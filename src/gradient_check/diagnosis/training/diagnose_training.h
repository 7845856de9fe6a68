#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gradient_check/diagnosis/training/training.h"

namespace gradient_check {

/// The verdict on each gradient at the point that a subject gives.
using CheckGradients =
    std::function<std::vector<std::pair<std::string, std::string>>(const Subject&)>;

struct TrainingDiagnosis {
  TrainingEvidence evidence;
  std::vector<Birth> births;  ///< of the first values that are not finite
};

/// Trains as the case says, and finds out what makes it go wrong, where it does: from the start
/// again, with one thing changed. The change that makes the trouble vanish is the cause; one that
/// only puts it off is not. Throws SubjectError where a step cannot be made.
TrainingDiagnosis diagnose_training(const TrainingPoint& point, const TrainOptions& options,
                                    const CheckGradients& check);

}  // namespace gradient_check
