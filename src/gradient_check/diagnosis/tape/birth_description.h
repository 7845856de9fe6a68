#pragma once

#include <string>
#include <vector>

#include "gradient_check/diagnosis/birth.h"
#include "gradient_check/diagnosis/tape/taped.h"

namespace gradient_check {

/// All that is told of one source of an evaluation whose telling operations are kept: place, cause,
/// element, operands, their origin, and the chain to the first of `results` that it reaches.
/// `of_stated`: it was made of an infinity that the case or the program states.
Birth describe_birth(const TapedEvaluation& taped, std::size_t source,
                     const std::vector<std::string>& results, at::ScalarType dtype, bool of_stated);

}  // namespace gradient_check
