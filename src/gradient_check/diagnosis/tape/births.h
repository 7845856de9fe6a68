#pragma once

#include <vector>

#include "gradient_check/diagnosis/birth.h"
#include "gradient_check/diagnosis/tape/taped.h"

namespace gradient_check {

/// Where the values that are not finite in the loss or a gradient were born, in the order of their
/// making; empty where loss and gradients are finite, or got theirs from the case or a constant.
/// Runs the subject's manual code (where it has any) and its forward with autograd, each twice:
/// once to see where, once to keep the values there.
std::vector<Birth> find_births(const TapePoint& point);

}  // namespace gradient_check
