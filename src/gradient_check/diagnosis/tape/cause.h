#pragma once

#include <string>
#include <vector>

#include "gradient_check/diagnosis/birth.h"

namespace gradient_check {

/// How an operation treats the elements of its operands.
enum class OperationKind {
  elementwise,  ///< element i of the result depends on element i of each operand, broadcast
  reduction,    ///< on a row, a column, or all of one operand
  movement,     ///< the result's elements are the operands' own, or constants
  fill,         ///< the result holds constants
  allocation,   ///< the result holds whatever was in memory
  other         ///< products of matrices, convolutions, norms, …
};
/// By the operator's name, without namespace and trailing underscore.
OperationKind kind_of(const std::string& name);

/// Why an elementwise operation gives `result`, which is not finite, for `operands`: the numbers
/// and tensor elements that it computes with, in the order of its schema. IEEE 754-2019, §6 and §7.
Cause cause_of_elementwise(const std::string& name, const std::vector<double>& operands,
                           double result);

/// Why any other operation does, given all elements that the result's element may depend on.
Cause cause_of_many(const std::string& name, const std::vector<double>& values, double result);

}  // namespace gradient_check
