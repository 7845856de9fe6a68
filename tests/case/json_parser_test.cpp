#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gradient_check/case/json_value.h"
#include "gradient_check/case/suggest.h"

namespace gradient_check {
namespace {

using testing::HasSubstr;

TEST(JsonParser, KnowsWhereEveryValueBegins) {
  const JsonValue root =
      parse_json("{ // comment\n  \"a\\\"b\": [1, -2.5e3,\n true], \"c\": \"x\"}", "f");
  const JsonValue* array = root.find("a\"b");
  ASSERT_NE(array, nullptr);
  EXPECT_EQ(array->line, 2U);
  EXPECT_EQ(array->column, 11U);
  EXPECT_EQ(array->items[1].line, 2U);
  EXPECT_EQ(array->items[1].column, 15U);
  EXPECT_EQ(array->items[1].number, -2500);
  EXPECT_EQ(array->items[2].line, 3U);
  EXPECT_EQ(array->items[2].column, 2U);
  EXPECT_EQ(root.members[1].line, 3U);
  EXPECT_EQ(root.members[1].column, 9U);
  EXPECT_EQ(root.members[1].value.column, 14U);
}

void expect_error(const std::string& text, std::size_t line, const std::string& words) {
  try {
    parse_json(text, "f");
    FAIL() << "accepted: " << text;
  } catch (const CaseError& error) {
    EXPECT_EQ(error.position().line, line) << text;
    EXPECT_THAT(error.what(), HasSubstr(words));
  }
}

TEST(JsonParser, RejectsWhatIsNotJson) {
  expect_error("{\"a\": 1,\n \"a\": 2}", 2, "duplicate key 'a'");
  expect_error("{}\n{}", 2, "not JSON");
  expect_error("{\"a\": 1e400}", 1, "overflow");
  expect_error("", 1, "not JSON");
  expect_error(std::string(100000, '['), 1, "deeper");
  expect_error("{\"a\": \"\xff\"}", 1, "UTF-8");
}

TEST(Suggest, FindsTheNearestName) {
  EXPECT_EQ(suggest("paramters", {"inputs", "parameters"}), " (did you mean 'parameters'?)");
  EXPECT_EQ(suggest("MaxPool2d", {"max_pool2d", "avg_pool2d"}), " (did you mean 'max_pool2d'?)");
  EXPECT_EQ(suggest("lienar", {"linear"}), " (did you mean 'linear'?)");
  EXPECT_EQ(suggest("zzz", {"a1", "b2"}), " (expected one of a1, b2)");
}

}  // namespace
}  // namespace gradient_check
