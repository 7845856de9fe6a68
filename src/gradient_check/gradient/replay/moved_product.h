#pragma once

#include <optional>

#include "gradient_check/gradient/line.h"
#include "gradient_check/gradient/replay/forward_tape.h"

namespace gradient_check {

/// Which of a call's `inputs` are the operands of left · right + added, right a matrix.
struct ProductOperands {
  std::size_t left = 0, right = 0;
  std::optional<std::size_t> added;
  bool right_is_transposed = false;  ///< as in linear(left, right, added)
};

/// The operands of mm, matmul, addmm and linear; nothing for another call.
std::optional<ProductOperands> product_of(const RecordedCall& call);

/// Whether a matrix is so large that it is better moved part by part.
bool moves_in_parts(const at::Tensor& matrix);

/// left [..., k] · matrix [k, n] at t on its line; of matrix [n, k] where `transposed`. float64.
at::Tensor moved_product(const at::Tensor& left, const at::Tensor& matrix, const LineStep& step,
                         double t, bool transposed);

}  // namespace gradient_check
