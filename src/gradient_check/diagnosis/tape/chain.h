#pragma once

#include <string>
#include <vector>

#include "gradient_check/diagnosis/tape/taped.h"

namespace gradient_check {

/// The operations by which what source `source` made comes to be in the result named `result`, from
/// the birth on; empty where it does not get there, or by autograd's backward. Long ones keep both
/// of their ends.
std::vector<std::size_t> path_to(const TapedEvaluation& taped, std::size_t source,
                                 const std::string& result);

/// The same as links of a report, for operations that are kept. `element` is that of the birth.
std::vector<ChainLink> chain_of(const TapedEvaluation& taped, const std::vector<std::size_t>& path,
                                std::int64_t element);

/// The numbers that one element of an operation's result is made of: all of an elementwise one's,
/// else the first few, those that are not finite before the others.
std::vector<double> shown_operands(const Operation& operation, std::int64_t element);

}  // namespace gradient_check
