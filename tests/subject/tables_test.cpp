#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "gradient_check/case/rule_names.h"
#include "gradient_check/diagnosis/rule.h"
#include "gradient_check/subject/layer.h"

namespace gradient_check {
namespace {

namespace fs = std::filesystem;
const fs::path root = GRADIENT_CHECK_SOURCE;

std::set<std::string> stems(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".cpp") names.insert(entry.path().stem());
  return names;
}

/// Every string under "type" (and "loss") in the cases.
std::set<std::string> types_in_cases() {
  std::set<std::string> types;
  for (const auto& entry : fs::recursive_directory_iterator(root / "cases")) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream stream(entry.path());
    const auto json = nlohmann::json::parse(stream);
    for (const auto& layer : json.value("layers", nlohmann::json::array()))
      types.insert("layer " + layer.at("type").get<std::string>());
    if (json.contains("loss"))
      types.insert(
          "loss " +
          (json["loss"].is_string() ? json["loss"] : json["loss"]["type"]).get<std::string>());
  }
  return types;
}

TEST(Tables, EveryLayerAndLossHasAFileAndACase) {
  const auto cases = types_in_cases();
  const auto layers = stems(root / "src/gradient_check/subject/layers");
  const auto losses = stems(root / "src/gradient_check/subject/losses");
  EXPECT_EQ(layer_types().size(), 25U);
  EXPECT_EQ(loss_types().size(), 9U);
  for (const LayerType* type : layer_types()) {
    EXPECT_TRUE(layers.count(type->name)) << type->name;
    EXPECT_TRUE(cases.count("layer " + type->name)) << type->name;
  }
  for (const LossType* type : loss_types()) {
    EXPECT_TRUE(losses.count(type->name)) << type->name;
    EXPECT_TRUE(cases.count("loss " + type->name)) << type->name;
  }
}

TEST(Tables, EveryRuleHasAFileAPageAndAStableName) {
  const std::set<std::string> names(rule_names().begin(), rule_names().end());
  auto files = stems(root / "src/gradient_check/diagnosis/rules");
  files.erase("table");
  for (const Rule* rule : rules()) {
    EXPECT_TRUE(names.count(rule->id)) << rule->id;
    EXPECT_GT(std::string(rule->page).size(), 100U) << rule->id;
    std::string file = rule->id;
    std::replace(file.begin(), file.end(), '-', '_');
    EXPECT_EQ(files.erase(file), 1U) << rule->id;
  }
  EXPECT_TRUE(files.empty()) << *files.begin() << " is not in the table";
}

}  // namespace
}  // namespace gradient_check
