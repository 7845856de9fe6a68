#pragma once

#include <string>
#include <vector>

#include "gradient_check/diagnosis/rule.h"

namespace gradient_check {

struct TrainingEvidence;

/// The finding about the cause of a training run's trouble, with what was run to prove it.
Finding training_finding(const Rule& rule, const Evidence& evidence, std::string subject,
                         std::string message, std::string help);

/// "the loss rises from 1.83 to 7.9 and is inf at step 418".
std::string course_text(const TrainingEvidence& training);

}  // namespace gradient_check
