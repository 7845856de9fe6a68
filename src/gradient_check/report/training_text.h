#pragma once

#include <string>

#include "gradient_check/diagnosis/training_result.h"

namespace gradient_check {

/// A training run in a few lines: its course, a sparkline of the loss, and what became of it with
/// one thing changed.
std::string training_text(const TrainingResult& training);

}  // namespace gradient_check
