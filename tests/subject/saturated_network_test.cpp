#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "gradient_check/check.h"
#include "gradient_check/subject/layered_subject.h"

namespace gradient_check {
namespace {

using Json = nlohmann::json;

/// One layer into `last`, at inputs 1 and -1: its logits are ±weight.
Json network(const std::string& dtype, double weight, const Json& target, const std::string& loss) {
  Json json = {{"dtype", dtype},
               {"inputs", {{"input", {{1.0}, {-1.0}}}, {"target", target}}},
               {"parameters", {{"0.weight", {{weight}}}, {"0.bias", {0.0}}}},
               {"layers", {{{"type", "linear"}, {"out_features", 1}}}},
               {"loss", loss}};
  if (loss == "bce") json["layers"].push_back({{"type", "sigmoid"}});
  return json;
}

/// Two layers, whose first saturates and whose second has logits beyond it.
Json deep_network(const std::string& dtype, double weight, const Json& target) {
  return {{"dtype", dtype},
          {"inputs", {{"input", {{1.0, -0.5}, {-1.0, 0.3}}}, {"target", target}}},
          {"parameters", {{"2.weight", {{weight, -weight, weight / 2}}}}},
          {"layers",
           {{{"type", "linear"}, {"out_features", 3}},
            {{"type", "tanh"}},
            {{"type", "linear"}, {"out_features", 1}},
            {{"type", "sigmoid"}}}},
          {"loss", "bce"}};
}

CaseResult check(const Json& json) {
  const Case loaded = load_case_text(json.dump(), "saturated.json");
  return check_subject(*make_layered_subject(loaded),
                       {loaded.dtype, loaded.seed, loaded.check, {}});
}

// A right network is never called wrong, however sure of its classes, right ones or wrong ones:
// where the differences drown in rounding, that is all that is said.
TEST(SaturatedNetworks, AreNeverCalledWrong) {
  for (const char* dtype : {"float64", "float32", "float16", "bfloat16"})
    for (const double weight : {20.0, 28.0, 30.0, 33.0, 36.0, 37.0, 50.0, 87.0, 90.0, 95.0, 110.0})
      for (const Json& target : {Json{{1}, {0}}, Json{{0}, {1}}, Json{{1}, {1}}, Json{{0}, {0}}})
        for (const Json& json : {network(dtype, weight, target, "bce"),
                                 network(dtype, weight, target, "bce_with_logits"),
                                 deep_network(dtype, weight, target)}) {
          const CaseResult result = check(json);
          EXPECT_TRUE(result.verdict == Verdict::pass || result.verdict == Verdict::inconclusive)
              << json.dump() << "\n"
              << to_json(result).dump(1);
        }
}

// The classes are right and the gradients next to nothing: that is a match, not a riddle.
TEST(SaturatedNetworks, PassWhereTheyAreRight) {
  for (const double weight : {28.0, 33.0, 37.0, 50.0, 87.0})
    for (const char* loss : {"bce", "bce_with_logits"})
      EXPECT_EQ(check(network("float64", weight, {{1}, {0}}, loss)).verdict, Verdict::pass)
          << loss << " " << weight;
}

}  // namespace
}  // namespace gradient_check
