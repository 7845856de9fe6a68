#pragma once

#include <string>

#include "gradient_check/case/case.h"

namespace gradient_check {

/// What to add to a mismatch of a torch.autograd.Function whose forward rounds, takes signs, picks
/// or copies: its gradient may differ on purpose. Empty where that is not so, or where the case
/// names a reference already.
std::string surrogate_advice(const Case& loaded);

}  // namespace gradient_check
