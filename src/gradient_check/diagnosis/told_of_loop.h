#pragma once

#include <algorithm>
#include <string>

#include "gradient_check/diagnosis/evidence.h"

namespace gradient_check {

/// Whether a gradient is wrong by what the training loop does beside its formulas: an update too
/// early, a buffer that is not reset.
inline bool told_of_loop(const Evidence& evidence, const std::string& name) {
  if (!evidence.loop) return false;
  const auto& kept = evidence.loop->kept;
  const auto& early = evidence.loop->early;
  return std::any_of(kept.begin(), kept.end(),
                     [&](const LoopFacts::Kept& each) { return each.parameter == name; }) ||
         std::any_of(early.begin(), early.end(), [&](const LoopFacts::Early& each) {
           return std::find(each.spoiled.begin(), each.spoiled.end(), name) != each.spoiled.end();
         });
}

}  // namespace gradient_check
