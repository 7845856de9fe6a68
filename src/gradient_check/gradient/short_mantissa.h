#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

#include "gradient_check/subject/operation_callback.h"

namespace gradient_check {

/// x with a mantissa of `bits` bits (at most 53), rounded to nearest, ties to even; the exponent
/// keeps float64's range. float64, real or complex.
at::Tensor with_short_mantissa(const at::Tensor& x, int bits);

/// While it lives, what LibTorch's operations make on this thread in float64 has a mantissa of
/// `bits` bits, as if the processor had no more. What an operation only hands on (a copy, a
/// maximum, an index) stays what it was, and so do whole numbers below 2^bits: decisions fall as
/// before.
///
/// Held against float64 it shows, element by element, what rounding does to a computation (the
/// CADNA and Verificarlo tools perturb each operation likewise: Denis et al., "Verificarlo", ARITH
/// 2016), and, unlike float32, overflows and underflows no sooner.
class ShortMantissa {
 public:
  explicit ShortMantissa(int bits);
  ~ShortMantissa();
  ShortMantissa(const ShortMantissa&) = delete;
  ShortMantissa& operator=(const ShortMantissa&) = delete;

 private:
  int previous_;
  std::unique_ptr<OperationCallback> callback_;
};

}  // namespace gradient_check
