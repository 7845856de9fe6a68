#pragma once

#include <string>
#include <vector>

#include "gradient_check/subject/program/snippet.h"
#include "gradient_check/subject/program/syntax.h"

namespace gradient_check {

/// The items that a for loop over `iterable`, a piece of `text`, goes over: a range, a list, a
/// tuple, a tensor's first dimension, or enumerate, zip and reversed of such. Throws where the
/// expression cannot be evaluated with the environment's variables.
std::vector<c10::IValue> loop_items(const Expr& iterable, const std::string& text,
                                    SnippetRunner& runner, const Environment& environment);

}  // namespace gradient_check
