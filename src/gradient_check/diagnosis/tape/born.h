#pragma once

#include <optional>
#include <vector>

#include "gradient_check/diagnosis/tape/operation.h"

namespace gradient_check {

/// Whether an operation whose output is not finite made something of that itself: a birth out of
/// finite operands, or out of infinities that nothing is wrong with (a mask's -inf), or a constant
/// that the program states. Nothing where all of it was handed down. `inherited`: the sources of
/// its operands, among `known`. The operation's values must be there.
std::optional<Source> source_born(const Operation& operation, const Sources& inherited,
                                  const std::vector<Source>& known);

}  // namespace gradient_check
