#pragma once

#include <complex>

#include "gradient_check/python/runtime/value.h"

namespace gradient_check::python {

struct ComplexNumber : Object {
  static constexpr Kind object_kind = Kind::complex;
  ComplexNumber(double real, double imaginary) : Object(object_kind), number(real, imaginary) {}
  explicit ComplexNumber(std::complex<double> value) : Object(object_kind), number(value) {}
  const std::complex<double> number;
};

}  // namespace gradient_check::python
