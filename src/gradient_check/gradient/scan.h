#pragma once

#include <ATen/core/Tensor.h>

namespace gradient_check {

// One pass over the elements each, on all cores where they are many, and no temporaries: of a
// gradient of ten million elements a pass costs as much as a forward.

/// Largest |element|, ignoring non-finite ones; 0 where there is none, or no tensor.
double largest_magnitude(const at::Tensor& tensor);
/// Both of a tensor at once: its largest |element|, and whether all are finite.
struct Extent {
  double largest = 0;
  bool finite = true;
};
Extent extent_of(const at::Tensor& tensor);
/// Largest |a - b|, ignoring non-finite ones; 0 where one is undefined or their shapes differ.
double largest_difference(const at::Tensor& a, const at::Tensor& b);
/// Whether no element is nan or infinite; so for an undefined tensor and for integers.
bool is_finite(const at::Tensor& tensor);
/// Whether shape, dtype and elements are the same; nan is the same as nan.
bool same_contents(const at::Tensor& a, const at::Tensor& b);

/// Σ output · cotangent in float64, which `cotangent` is; NaN where the shapes differ.
double weighted_sum(const at::Tensor& output, const at::Tensor& cotangent);
/// Σ a · b of a float64 and a float32 tensor with as many elements.
double sum_of_products(const at::Tensor& a, const at::Tensor& b);

}  // namespace gradient_check
