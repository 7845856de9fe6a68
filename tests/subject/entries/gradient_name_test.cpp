#include "gradient_check/subject/program/entries/gradient_name.h"

#include <gtest/gtest.h>

namespace gradient_check {
namespace {

const std::vector<std::string> tensors{"W", "b", "layers.0.W1", "params[\"W2\"]", "gamma"};

struct NameExample {
  const char* gradient;
  const char* tensor;  ///< null: of none
};
std::ostream& operator<<(std::ostream& out, const NameExample& example) {
  return out << example.gradient;
}

class GradientName : public testing::TestWithParam<NameExample> {};

TEST_P(GradientName, SaysWhoseItIs) {
  const std::string* found = tensor_of_gradient(GetParam().gradient, tensors);
  ASSERT_EQ(found != nullptr, GetParam().tensor != nullptr) << (found ? *found : "");
  if (found) {
    EXPECT_EQ(*found, GetParam().tensor);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Conventions, GradientName,
    testing::Values(NameExample{"dW", "W"}, NameExample{"d_W", "W"}, NameExample{"grad_b", "b"},
                    NameExample{"W_grad", "W"}, NameExample{"gW", "W"}, NameExample{"db", "b"},
                    NameExample{"dbias", "b"}, NameExample{"grad_weights", "W"},
                    NameExample{"W1", "layers.0.W1"}, NameExample{"dW2", "params[\"W2\"]"},
                    NameExample{"params[\"W2\"]", "params[\"W2\"]"}, NameExample{"dgamma", "gamma"},
                    NameExample{"dx", nullptr}, NameExample{"loss", nullptr},
                    NameExample{"grads", nullptr}));

TEST(LastPart, IsWhatPeopleCallATensor) {
  EXPECT_EQ(last_part("W"), "W");
  EXPECT_EQ(last_part("layers.0.W"), "W");
  EXPECT_EQ(last_part("net.params[\"W1\"]"), "W1");
  EXPECT_EQ(last_part("weights.2"), "weights");
}

TEST(Cotangents, AreSaidByTheirNames) {
  for (const char* name : {"dout", "grad_output", "dnext_h", "delta", "upstream", "g", "dA"})
    EXPECT_TRUE(says_cotangent(name)) << name;
  for (const char* name : {"x", "cache", "data", "dim", "out", "dilation"})
    EXPECT_FALSE(says_cotangent(name)) << name;
}

}  // namespace
}  // namespace gradient_check
