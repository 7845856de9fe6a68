#pragma once

#include <string>

#include "gradient_check/python/syntax/tree.h"

namespace gradient_check {

/// What to write instead, for some of what Python and PyTorch say: "; a power is written **", or
/// " (did you mean 'hidden'?)" behind a name that is not there. Empty where there is nothing to
/// say. `at`: where it was raised.
std::string advice_on(const std::string& message, const python::ast::Module& program,
                      python::Span at);

}  // namespace gradient_check
