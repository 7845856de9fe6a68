#include <ATen/TensorOperators.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <cmath>

#include "gradient_check/case/case.h"
#include "gradient_check/gradient/evaluation.h"

namespace gradient_check {
namespace {

Case load(const std::string& inputs, const std::string& rest = "") {
  return load_case_text(
      R"({"layers": [{"type": "relu"}], "seed": 3, )" + rest + R"("inputs": )" + inputs + "}",
      "case.json");
}

TEST(Tensors, NestedArraysTakeTheCasesDtype) {
  EXPECT_EQ(load(R"({"x": [[1, 2], [3, 4]]})").inputs["x"].scalar_type(), at::kFloat);
  const Case loaded =
      load(R"({"x": [1, "nan", "-inf"], "i": {"data": [9007199254740993], "dtype": "int64"},
                               "s": 2.5, "e": []})",
           R"("dtype": "float64", )");
  EXPECT_EQ(loaded.inputs["x"].scalar_type(), at::kDouble);
  EXPECT_TRUE(std::isnan(loaded.inputs["x"][1].item<double>()));
  EXPECT_EQ(loaded.inputs["x"][2].item<double>(), -INFINITY);
  EXPECT_EQ(loaded.inputs["i"].item<std::int64_t>(), 9007199254740993);
  EXPECT_EQ(loaded.inputs["s"].dim(), 0);
  EXPECT_EQ(loaded.inputs["e"].numel(), 0);
}

TEST(Tensors, RandomInitsDrawWhatTorchDrawsInFileOrder) {
  const Case loaded =
      load(R"({"x": {"shape": [5, 4], "init": "normal"}, "y": {"shape": [3], "init": "normal"}})");
  seed_generator(3);
  const at::Tensor x = at::randn({5, 4}), y = at::randn({3});
  EXPECT_TRUE(loaded.inputs["x"].equal(x));
  EXPECT_TRUE(loaded.inputs["y"].equal(y));
}

TEST(Tensors, InitsFillAsTheirNamesSay) {
  const Case loaded =
      load(R"({"a": {"shape": [2, 3], "init": "arange"}, "e": {"shape": [2, 2], "init": "eye"},
      "f": {"shape": [2], "init": "full", "value": 1.5},
      "u": {"shape": [1000], "init": "uniform", "low": 2, "high": 3},
      "k": {"shape": [50, 40], "init": "kaiming_uniform"}})");
  EXPECT_EQ(loaded.inputs["a"][1][2].item<float>(), 5);
  EXPECT_EQ(loaded.inputs["e"].sum().item<float>(), 2);
  EXPECT_EQ(loaded.inputs["f"].sum().item<float>(), 3);
  EXPECT_GE(loaded.inputs["u"].min().item<float>(), 2);
  EXPECT_LT(loaded.inputs["u"].max().item<float>(), 3);
  // Kaiming uniform with a = 0: bound √(6 / fan_in).
  EXPECT_LE(loaded.inputs["k"].abs().max().item<double>(), std::sqrt(6.0 / 40));
  EXPECT_GT(loaded.inputs["k"].abs().max().item<double>(), 0.9 * std::sqrt(6.0 / 40));
}

}  // namespace
}  // namespace gradient_check
