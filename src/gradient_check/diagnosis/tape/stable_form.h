#pragma once

#include <string>
#include <vector>

#include "gradient_check/diagnosis/birth.h"

namespace gradient_check {

/// Edits of a program's text that might keep a birth from happening, the best first: log of a
/// sigmoid becomes logsigmoid, log of a sum of exponentials logsumexp, a root gets an eps. None of
/// them is verified. `text`: the whole program; empty where it cannot be taken apart.
std::vector<Fix> stable_forms(const std::string& text, const Birth& birth);

}  // namespace gradient_check
