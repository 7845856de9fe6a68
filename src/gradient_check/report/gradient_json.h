#pragma once

#include <nlohmann/json.hpp>

#include "gradient_check/comparison/gradient_result.h"

namespace gradient_check {

/// The `gradients` entries of a report.
nlohmann::ordered_json gradient_to_json(const GradientResult& gradient);
/// Throws nlohmann::json::exception or std::invalid_argument where the JSON is none.
GradientResult gradient_from_json(const nlohmann::ordered_json& json);

}  // namespace gradient_check
