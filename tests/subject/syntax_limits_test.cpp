#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "subject/parsed.h"

namespace gradient_check {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

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

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::string error_of(const std::string& lines) {
  try {
    const Parsed parsed(lines);
    return "accepted";
  } catch (const SyntaxError& error) {
    return error.what();
  }
}

TEST(Syntax, DepthIsLimited) {
  const auto nested = [](int n) { return "v = " + repeated("(", n) + "x" + repeated(")", n); };
  EXPECT_EQ(error_of(nested(150)), "accepted");
  EXPECT_EQ(error_of("v = x" + repeated(" + x", 900)), "accepted");
  for (const std::string& hostile :
       {nested(20000), "v = " + repeated("[", 20000), "v = " + repeated("-", 20000) + "x",
        "v = " + repeated("not ", 20000) + "x", "v = x" + repeated("**x", 20000),
        "v = x" + repeated(" if x else x", 20000), repeated("f(", 20000),
        "v = " + repeated("{1:", 20000), "if x: y\n" + repeated("elif x: y\n", 20000)})
    EXPECT_THAT(error_of(hostile), HasSubstr("nested more than 200 deep")) << hostile.substr(0, 30);
  for (const std::string& hostile :
       {"v = x" + repeated(" + x", 20000), "v = x" + repeated(".T", 20000),
        "v = x" + repeated("[0]", 20000), "v = x" + repeated("()", 20000)})
    EXPECT_THAT(error_of(hostile), HasSubstr("an expression more than 1000 deep"))
        << hostile.substr(0, 30);
  std::string blocks;
  for (int i = 0; i < 1000; ++i)
    blocks += std::string(static_cast<std::size_t>(i), ' ') + "if x:\n";
  EXPECT_THAT(error_of(blocks), HasSubstr("nested more than 200 deep"));
}

TEST(Syntax, ErrorsSayWhere) {
  EXPECT_THAT(error_of("v = x\nw = (x"), HasSubstr("line 6: expected ')'"));
  EXPECT_THAT(error_of("v = 'x\n'"), HasSubstr("line 4: a string is not closed"));
  EXPECT_THAT(error_of("v = x.1"), HasSubstr("line 4"));
  EXPECT_THAT(error_of("if x:\ny = 1"), HasSubstr("expected an indented block"));
}

}  // namespace
}  // namespace gradient_check
