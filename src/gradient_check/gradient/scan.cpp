#include "gradient_check/gradient/scan.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "gradient_check/gradient/chunks.h"
#include "gradient_check/subject/resolved.h"

namespace gradient_check {
namespace {

/// body(data) with the contiguous elements of a tensor, on the CPU, in their own type; integers as
/// double.
template <typename Body>
auto with_data(const at::Tensor& tensor, const Body& body) {
  const at::Tensor plain = resolved(tensor);
  const at::Tensor flat = (plain.is_cpu() ? plain : plain.to(at::kCPU)).contiguous();
  switch (flat.scalar_type()) {
    case at::kDouble:
      return body(flat.data_ptr<double>());
    case at::kFloat:
      return body(flat.data_ptr<float>());
    case at::kHalf:
      return body(flat.data_ptr<at::Half>());
    case at::kBFloat16:
      return body(flat.data_ptr<at::BFloat16>());
    default: {
      const at::Tensor wide = flat.to(at::kDouble);
      return body(wide.data_ptr<double>());
    }
  }
}

/// The largest of part(first, last) over the runs of elements that make up [0, count).
template <typename Part>
double largest_over(std::int64_t count, const Part& part) {
  const std::vector<double> parts = over_chunks(count, part);
  return *std::max_element(parts.begin(), parts.end());
}

}  // namespace

double largest_magnitude(const at::Tensor& tensor) {
  if (!tensor.defined()) return 0;
  return with_data(tensor, [&](const auto* data) {
    return largest_over(tensor.numel(), [=](std::int64_t first, std::int64_t last) {
      double largest = 0;
      for (std::int64_t i = first; i < last; ++i) {
        const double size = std::abs(static_cast<double>(data[i]));
        if (size > largest && size <= std::numeric_limits<double>::max()) largest = size;
      }
      return largest;
    });
  });
}

Extent extent_of(const at::Tensor& tensor) {
  Extent extent;
  if (!tensor.defined() || !tensor.is_floating_point()) return extent;
  return with_data(tensor, [&](const auto* data) {
    for (const Extent& part :
         over_chunks(tensor.numel(), [=](std::int64_t first, std::int64_t last) {
           double largest = 0, unlike = 0;
           for (std::int64_t i = first; i < last; ++i) {
             const double size = std::abs(static_cast<double>(data[i]));
             const bool finite = size <= std::numeric_limits<double>::max();
             largest = finite && size > largest ? size : largest;
             unlike += finite ? 0 : 1;
           }
           return Extent{largest, unlike == 0};
         })) {
      extent.largest = std::max(extent.largest, part.largest);
      extent.finite = extent.finite && part.finite;
    }
    return extent;
  });
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  if (!a.defined() || !b.defined() || a.sizes() != b.sizes() || a.is_same(b)) return 0;
  return with_data(a, [&](const auto* left) {
    return with_data(b, [&](const auto* right) {
      return largest_over(a.numel(), [=](std::int64_t first, std::int64_t last) {
        double largest = 0;
        for (std::int64_t i = first; i < last; ++i) {
          const double size =
              std::abs(static_cast<double>(left[i]) - static_cast<double>(right[i]));
          if (size > largest && size <= std::numeric_limits<double>::max()) largest = size;
        }
        return largest;
      });
    });
  });
}

bool is_finite(const at::Tensor& tensor) {
  if (!tensor.defined() || !tensor.is_floating_point()) return true;
  return with_data(tensor, [&](const auto* data) {
    return largest_over(tensor.numel(), [=](std::int64_t first, std::int64_t last) {
             double unlike = 0;
             for (std::int64_t i = first; i < last; ++i)
               unlike += std::isfinite(static_cast<double>(data[i])) ? 0 : 1;
             return unlike;
           }) == 0;
  });
}

bool same_contents(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes() || a.scalar_type() != b.scalar_type()) return false;
  if (!a.is_floating_point()) return a.equal(b);
  return with_data(a, [&](const auto* left) {
    const at::Tensor other = resolved(b).contiguous();
    const auto* right = other.data_ptr<std::remove_cv_t<std::remove_pointer_t<decltype(left)>>>();
    return largest_over(a.numel(), [=](std::int64_t first, std::int64_t last) {
             double unlike = 0;
             for (std::int64_t i = first; i < last; ++i) {
               const auto x = static_cast<double>(left[i]), y = static_cast<double>(right[i]);
               unlike += x == y || (x != x && y != y) ? 0 : 1;
             }
             return unlike;
           }) == 0;
  });
}

double weighted_sum(const at::Tensor& given, const at::Tensor& cotangent) {
  const at::Tensor output = resolved(given);
  if (output.sizes() != cotangent.sizes()) return std::nan("");
  if (output.numel() == 1 && output.scalar_type() == at::kDouble)
    return *output.data_ptr<double>() * *cotangent.data_ptr<double>();
  return (output.to(at::kDouble) * cotangent).sum().item<double>();
}

double sum_of_products(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor flat = a.contiguous();
  const double* const left = flat.data_ptr<double>();
  const float* const right = b.data_ptr<float>();
  const auto sums = over_chunks(a.numel(), [=](std::int64_t first, std::int64_t last) {
    double sum = 0;
    for (std::int64_t i = first; i < last; ++i) sum += left[i] * static_cast<double>(right[i]);
    return sum;
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

}  // namespace gradient_check
