#include "gradient_check/subject/initialization.h"

#include <ATen/ops/empty.h>

#include <cmath>

namespace gradient_check {
namespace {

at::ScalarType drawing_dtype(at::ScalarType dtype) {
  return dtype == at::kDouble ? at::kDouble : at::kFloat;
}

}  // namespace

at::Tensor draw_uniform(at::IntArrayRef sizes, double low, double high, at::ScalarType dtype) {
  return at::empty(sizes, drawing_dtype(dtype)).uniform_(low, high).to(dtype);
}

at::Tensor draw_normal(at::IntArrayRef sizes, double mean, double std, at::ScalarType dtype) {
  return at::empty(sizes, drawing_dtype(dtype)).normal_(mean, std).to(dtype);
}

at::Tensor draw_fan_in(at::IntArrayRef sizes, std::int64_t fan_in, at::ScalarType dtype) {
  const double bound = fan_in > 0 ? 1.0 / std::sqrt(static_cast<double>(fan_in)) : 0.0;
  return draw_uniform(sizes, -bound, bound, dtype);
}

}  // namespace gradient_check
