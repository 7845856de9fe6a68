#include "gradient_check/comparison/affine_hull.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace gradient_check {
namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// a + factor · b.
void add(Vector& a, double factor, const Vector& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += factor * b[i];
}

double norm(const Vector& a) { return std::sqrt(dot(a, a)); }

/// A subspace, by an orthonormal basis (modified Gram-Schmidt, twice: Golub and Van Loan, Matrix
/// Computations, §5.2.8).
class Subspace {
 public:
  /// What of `vector` lies outside.
  Vector outside(Vector vector) const {
    for (int pass = 0; pass < 2; ++pass)
      for (const Vector& direction : basis_) add(vector, -dot(direction, vector), direction);
    return vector;
  }
  void extend(const Vector& vector, double least) {
    Vector rest = outside(vector);
    const double length = norm(rest);
    if (length <= least) return;
    for (double& x : rest) x /= length;
    basis_.push_back(std::move(rest));
  }

 private:
  std::vector<Vector> basis_;
};

Vector difference(const Vector& a, const Vector& b) {
  Vector result = a;
  add(result, -1, b);
  return result;
}

}  // namespace

bool may_lie_in_affine_hull(const std::vector<double>& candidate,
                            const std::vector<std::vector<double>>& samples, double tolerance) {
  if (samples.size() < 4) return true;
  double spread = 0;
  for (const Vector& sample : samples)
    spread = std::max(spread, norm(difference(sample, samples[0])));
  const double least = tolerance * spread;
  Subspace span;
  const std::size_t half = samples.size() / 2;
  for (std::size_t k = 1; k < half; ++k) span.extend(difference(samples[k], samples[0]), least);
  for (std::size_t k = half; k < samples.size(); ++k)
    if (!(norm(span.outside(difference(samples[k], samples[0]))) <= 2 * least)) return true;
  return norm(span.outside(difference(candidate, samples[0]))) <= 8 * least;
}

}  // namespace gradient_check
