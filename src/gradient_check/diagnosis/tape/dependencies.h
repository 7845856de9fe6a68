#pragma once

#include <cstdint>
#include <vector>

#include "gradient_check/diagnosis/tape/operation.h"

namespace gradient_check {

/// An element of a tensor operand: which one of tensors_of(arguments), and its flat index.
struct Dependency {
  std::size_t operand = 0;
  std::int64_t element = 0;
};

/// The elements of the operands that element `flat` of the output depends on; all of them where
/// the operation is not known better. The operation's values must be kept.
std::vector<Dependency> dependencies_of(const Operation& operation, std::int64_t flat);

/// The numbers an elementwise operation computes element `flat` from, in the order of its schema:
/// elements of tensors, and scalars.
std::vector<double> elementwise_operands(const Operation& operation, std::int64_t flat);

/// The operation run again on other arguments; its first output. Throws where it fails.
at::Tensor replay(const Operation& operation, std::vector<c10::IValue> arguments);

}  // namespace gradient_check
