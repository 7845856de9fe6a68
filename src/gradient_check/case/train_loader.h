#pragma once

#include "gradient_check/case/json_value.h"
#include "gradient_check/case/train_options.h"

namespace gradient_check {

/// Reads `train`. `seed`: the case's, for the shuffling where it has none of its own. Throws
/// CaseError.
TrainOptions load_train(const JsonCursor& train, std::uint64_t seed);

/// What `train.optimizer` and `train.gradient` may be.
const std::vector<std::string>& optimizer_names();
const std::vector<std::string>& training_gradient_names();

}  // namespace gradient_check
