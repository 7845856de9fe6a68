#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "subject/parsed.h"

namespace gradient_check {
namespace {

using testing::ElementsAre;

TEST(Syntax, NamesWritten) {
  const auto written = [](const std::string& line) { return names_written(Parsed(line).body[0]); };
  EXPECT_THAT(written("x[i].t()[0] = y"), ElementsAre("x"));
  EXPECT_THAT(written("x.grad.add_(y)"), ElementsAre("x"));
  EXPECT_THAT(written("a = x.relu_()"), ElementsAre("a", "x"));
  EXPECT_THAT(written("steps.append(x)"), ElementsAre("steps"));
  EXPECT_THAT(written("torch.relu_(x)"), ElementsAre("x"));
  EXPECT_THAT(written("a = F.relu(x, inplace=True)"), ElementsAre("a", "x"));
  EXPECT_THAT(written("a = F.relu(x, inplace=False)"), ElementsAre("a"));
  EXPECT_THAT(written("torch.add(x, y, out=z)"), ElementsAre("z"));
  EXPECT_THAT(written("a = torch.zeros(3).add_(x)"), ElementsAre("a"));
  EXPECT_THAT(written("if x:\n    a = 1\nelse:\n    b = 2"), ElementsAre("a", "b"));
  EXPECT_THAT(names_in(Parsed("a = f(x, dim=d) + x").body[0]), ElementsAre("a", "f", "x", "d"));
}

}  // namespace
}  // namespace gradient_check
