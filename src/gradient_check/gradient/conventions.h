#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gradient_check/gradient/evaluations.h"

namespace gradient_check {

/// What an operator's derivative is defined along, where that is not each element by itself.
enum class ConventionKind {
  symmetric,         ///< it reads one triangle of a symmetric matrix; its gradient is symmetric
  triangular,        ///< it reads one triangle; its gradient need not be 0 in the other
  unchanged_row,     ///< one row gets no gradient, though the output depends on it (padding_idx)
  chosen,            ///< it picks one of equal elements, and gives that one its gradient
  straight_through,  ///< its result moves in steps, and its gradient is that of the identity
};

/// An operator of the forward whose gradient is right by convention.
struct Convention {
  ConventionKind kind = ConventionKind::symmetric;
  std::string operation;       ///< "linalg.cholesky"
  std::optional<Place> place;  ///< where a program's text has it
  std::string tensor;          ///< unchanged_row: of which variable
  std::int64_t row = -1;       ///< unchanged_row
};

/// The conventions of the operators that a forward consists of; evaluated when first asked.
class Conventions {
 public:
  explicit Conventions(const Evaluations& evaluations) : evaluations_(evaluations) {}
  const std::vector<Convention>& all();

 private:
  const Evaluations& evaluations_;
  std::optional<std::vector<Convention>> found_;
};

}  // namespace gradient_check
