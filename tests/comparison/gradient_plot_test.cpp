#include "gradient_check/comparison/gradient_plot.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace gradient_check {
namespace {

using testing::ElementsAre;

TensorComparison comparison(const at::Tensor& manual, const at::Tensor& autograd,
                            std::vector<std::int64_t> mismatched) {
  TensorComparison tensor;
  tensor.sources.manual = manual;
  tensor.sources.autograd = autograd;
  tensor.result.shape = autograd.sizes().vec();
  tensor.result.elements = autograd.numel();
  tensor.mismatched = std::move(mismatched);
  return tensor;
}

TEST(GradientPlot, HoldsAllElementsWhereTheyAreFew) {
  const at::Tensor autograd = at::arange(6, at::kDouble).reshape({2, 3});
  at::Tensor manual = autograd.clone();
  manual[1][0] += 0.5;
  const GradientPlot plot = plot_of(comparison(manual, autograd, {3}), nullptr);
  ASSERT_EQ(plot.sample.size(), 6u);
  EXPECT_FALSE(plot.error_map);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(plot.sample[i].element, static_cast<std::int64_t>(i));
    EXPECT_EQ(plot.sample[i].manual_difference, i == 3 ? 0.5 : 0.0);
    EXPECT_EQ(plot.sample[i].state == SampledElement::State::differs, i == 3);
    EXPECT_FALSE(plot.sample[i].finite_difference_error);
  }
}

TEST(GradientPlot, OfALargeTensorHasTheElementsThatDifferInWhateverOrderTheyCome) {
  const at::Tensor autograd = at::full({100, 90}, 2.0, at::kDouble);
  at::Tensor manual = autograd.clone();
  manual[0][1] = 5;
  manual[99][89] = 3;
  const GradientPlot plot = plot_of(comparison(manual, autograd, {8999, 1}), nullptr);
  EXPECT_LE(plot.sample.size(), 256u);
  std::vector<std::int64_t> differing;
  for (const SampledElement& element : plot.sample)
    if (element.state == SampledElement::State::differs) differing.push_back(element.element);
  EXPECT_THAT(differing, ElementsAre(1, 8999));
}

TEST(GradientPlot, AMapsCellIsTheLargestDifferenceOfItsElements) {
  const at::Tensor autograd = at::zeros({48, 64}, at::kDouble);  // cells of 2 by 2
  at::Tensor manual = autograd.clone();
  manual[0][0] = 0.25;
  manual[1][1] = -0.5;
  manual[47][63] = 1e-3;
  const GradientPlot plot = plot_of(comparison(manual, autograd, {0, 65, 3071}), nullptr);
  ASSERT_TRUE(plot.error_map);
  EXPECT_EQ(plot.error_map->row_step, 2);
  EXPECT_EQ(plot.error_map->column_step, 2);
  EXPECT_EQ(plot.error_map->columns, 32);
  ASSERT_EQ(plot.error_map->cells.size(), 24u * 32u);
  EXPECT_EQ(plot.error_map->cells.front(), -0.5);
  EXPECT_EQ(plot.error_map->cells.back(), 1e-3);
  EXPECT_EQ(plot.error_map->cells[1], 0);
}

TEST(GradientPlot, NanComesBeforeAllAndEqualInfinitiesDifferByNothing) {
  const double inf = std::numeric_limits<double>::infinity();
  at::Tensor autograd = at::zeros({48, 64}, at::kDouble);
  at::Tensor manual = autograd.clone();
  manual[0][0] = std::nan("");
  manual[0][1] = 1e300;
  manual[0][4] = inf;
  autograd[0][4] = inf;
  const GradientPlot plot = plot_of(comparison(manual, autograd, {0, 1}), nullptr);
  EXPECT_TRUE(std::isnan(plot.error_map->cells[0]));
  EXPECT_EQ(plot.error_map->cells[2], 0);
}

TEST(GradientPlot, OfAnEmptyTensorAndOfAutogradAlone) {
  EXPECT_TRUE(plot_of(comparison({}, at::zeros({0, 3}, at::kDouble), {}), nullptr).sample.empty());
  const GradientPlot alone = plot_of(comparison({}, at::arange(1000, at::kFloat), {}), nullptr);
  EXPECT_EQ(alone.sample.size(), 64u);
  EXPECT_FALSE(alone.sample[5].manual);
  EXPECT_FALSE(alone.error_map);
}

}  // namespace
}  // namespace gradient_check
