#include "gradient_check/comparison/affine_hull.h"

#include <gtest/gtest.h>

#include <random>

namespace gradient_check {
namespace {

using Samples = std::vector<std::vector<double>>;

/// What autograd gives near an n-way tie of a maximum: all of it to one.
Samples near_tie(std::size_t n, int count) {
  std::mt19937 engine(1);
  Samples samples;
  for (int k = 0; k < count; ++k) {
    samples.emplace_back(n, 0.0);
    samples.back()[engine() % n] = 3;
  }
  return samples;
}

/// What it gives near n relus at 0: each on or off.
Samples near_relus(std::size_t n, int count) {
  std::mt19937 engine(2);
  Samples samples;
  for (int k = 0; k < count; ++k) {
    samples.emplace_back();
    for (std::size_t i = 0; i < n; ++i)
      samples.back().push_back(engine() % 2 == 0 ? 0.0 : 1.0 + static_cast<double>(i));
  }
  return samples;
}

TEST(AffineHull, HoldsHowATieMayBeSharedOut) {
  const Samples samples = near_tie(4, 256);
  for (const std::vector<double>& shared :
       Samples{{3, 0, 0, 0}, {0.75, 0.75, 0.75, 0.75}, {1.5, 0, 1.5, 0}})
    EXPECT_TRUE(may_lie_in_affine_hull(shared, samples, 1e-3));
  for (const std::vector<double>& shared : Samples{{3, 3, 3, 3}, {3, 3, 0, 0}, {0, 0, 0, 0}})
    EXPECT_FALSE(may_lie_in_affine_hull(shared, samples, 1e-3));
}

TEST(AffineHull, LetsEachReluChoose) {
  const Samples samples = near_relus(3, 64);
  for (const std::vector<double>& chosen : Samples{{1, 2, 3}, {0, 0, 0}, {1, 0, 1.5}})
    EXPECT_TRUE(may_lie_in_affine_hull(chosen, samples, 1e-3));
}

// Where new directions keep turning up, those seen so far prove nothing.
TEST(AffineHull, DoesNotRefuseWhatTooFewSamplesShow) {
  EXPECT_TRUE(may_lie_in_affine_hull(std::vector<double>(40, 3.0), near_tie(40, 32), 1e-3));
  EXPECT_TRUE(may_lie_in_affine_hull({5, 5}, near_tie(2, 3), 1e-3));
}

// The gradients nearby differ a little because the points do.
TEST(AffineHull, OverlooksTheCurvatureBetweenThePoints) {
  Samples samples = near_tie(3, 256);
  std::mt19937 engine(3);
  std::normal_distribution<double> normal;
  for (std::vector<double>& sample : samples)
    for (double& x : sample) x += 1e-6 * normal(engine);
  EXPECT_TRUE(may_lie_in_affine_hull({1, 1, 1}, samples, 1e-3));
  EXPECT_FALSE(may_lie_in_affine_hull({1, 1, 1.5}, samples, 1e-3));
}

}  // namespace
}  // namespace gradient_check
