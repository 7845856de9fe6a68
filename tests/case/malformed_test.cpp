#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "gradient_check/check.h"

namespace gradient_check {
namespace {

/// Every file of tests/malformed is an error with its line and its words, and never an exception.
TEST(Malformed, EveryFileIsAnErrorAtItsLine) {
  const std::filesystem::path folder =
      std::filesystem::path(GRADIENT_CHECK_SOURCE) / "tests/malformed";
  std::ifstream stream(folder / "expected.json");
  const auto expected = nlohmann::json::parse(stream);
  EXPECT_GE(expected.size(), 60U);
  for (const auto& entry : expected) {
    const std::string file = entry.at("file");
    const CaseResult result = check_file(folder / file);
    EXPECT_EQ(result.verdict, Verdict::error) << file;
    EXPECT_FALSE(result.passed()) << file;
    ASSERT_TRUE(result.place.has_value()) << file << ": " << result.message;
    EXPECT_EQ(result.place->line, entry.at("line").get<std::size_t>())
        << file << ": " << result.message;
    std::string message = result.message;
    std::transform(message.begin(), message.end(), message.begin(), ::tolower);
    EXPECT_NE(message.find(entry.at("contains").get<std::string>()), std::string::npos)
        << file << ": " << result.message;
  }
}

}  // namespace
}  // namespace gradient_check
