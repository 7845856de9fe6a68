#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

#include "gradient_check/subject/program/trace.h"

namespace gradient_check {

/// A tensor and how the program writes it.
using NamedValue = std::pair<std::string, at::Tensor>;

enum class ValueKind {
  value,    ///< of a forward variable or of a part of a forward expression
  adjoint,  ///< ∂loss/∂ that
  share,    ///< what one use of a variable contributes to its adjoint
  slope     ///< ∂part/∂variable of an elementwise part: σ′(l1)
};

/// A tensor whose right value autograd tells.
struct KnownValue {
  ValueKind kind = ValueKind::value;
  std::string name;  ///< the forward variable; empty for a part of an expression
  std::string text;  ///< as the program writes it
  at::Tensor tensor;
  std::size_t line = 0;
  std::string iteration;
  std::string consumer;      ///< of a share: the statement that reads the variable
  bool is_multiple = false;  ///< not autograd's: a value less a constant factor
  std::string scope{};       ///< see ForwardValue
  bool is_argument = false;  ///< see ForwardValue
  bool is_derived = false;   ///< what the forward only implies: softmax(z) of its cross_entropy(z)
};

/// Everything that autograd knows about the values of a followed forward, in execution order.
/// `cotangent` is the output's.
std::vector<KnownValue> known_values(const Trace& forward, const at::Tensor& cotangent);

/// Largest |a - b|, relative to the larger of the two tensors' largest elements; 2 where the shapes
/// differ or one is not finite where the other is.
double relative_difference(const at::Tensor& a, const at::Tensor& b);

/// The factor c that brings c·b closest to a (least squares), where c·b then equals a to within
/// `tolerance`; 0 where there is none. Tensors of one element have none but ±1.
double proportion(const at::Tensor& a, const at::Tensor& b, double tolerance);

}  // namespace gradient_check
