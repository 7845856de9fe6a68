#include <ATen/TensorOperators.h>
#include <ATen/ops/ones_like.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "gradient_check/check.h"
#include "gradient_check/subject/layered_subject.h"

namespace gradient_check {
namespace {

using Json = nlohmann::json;
using Mistake = std::function<void(LayerGradients&)>;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// What is wrong with the layers of each type, while a test plants it.
std::map<std::string, Mistake>& planted_mistakes() {
  static std::map<std::string, Mistake> mistakes;
  return mistakes;
}

/// A layer with a mistake in its backward.
class WrongLayer : public Layer {
 public:
  WrongLayer(std::unique_ptr<Layer> right, Mistake mistake)
      : right_(std::move(right)), mistake_(std::move(mistake)) {}
  NamedTensors initial_parameters() const override { return right_->initial_parameters(); }
  at::Tensor forward(const at::Tensor& input, const Tensors& parameters,
                     Tensors& saved) const override {
    return right_->forward(input, parameters, saved);
  }
  LayerGradients backward(const at::Tensor& grad_output, const Tensors& parameters,
                          const Tensors& saved) const override {
    LayerGradients gradients = right_->backward(grad_output, parameters, saved);
    mistake_(gradients);
    return gradients;
  }
  at::Tensor reference(const at::Tensor& input, const Tensors& parameters) const override {
    return right_->reference(input, parameters);
  }

 private:
  std::unique_ptr<Layer> right_;
  Mistake mistake_;
};

const LayerType& built_in(const std::string& name) {
  for (const LayerType* type : layer_types())
    if (type->name == name) return *type;
  throw std::out_of_range(name);
}

template <const char* name>
std::unique_ptr<Layer> make_wrong(const Options& options, const at::Tensor& input) {
  return std::make_unique<WrongLayer>(built_in(name).make(options, input),
                                      planted_mistakes().at(name));
}

constexpr char linear[] = "linear", tanh[] = "tanh", rnn[] = "rnn", embedding[] = "embedding";

template <const char* name>
const LayerType& wrong_type() {
  static const LayerType type{name, built_in(name).options, make_wrong<name>};
  return type;
}

CaseResult check(const Json& json, const std::map<std::string, Mistake>& mistakes) {
  planted_mistakes() = mistakes;
  LayerTables tables;
  for (const LayerType*& type : tables.layers)
    for (const LayerType* wrong :
         {&wrong_type<linear>(), &wrong_type<tanh>(), &wrong_type<rnn>(), &wrong_type<embedding>()})
      if (wrong->name == type->name && mistakes.count(type->name)) type = wrong;
  const Case loaded = load_case_text(json.dump(2), "stages.json");
  return check_subject(*make_layered_subject(loaded, tables),
                       {loaded.dtype, loaded.seed, loaded.check, {}});
}

Json network(const std::string& dtype = "float64") {
  return {{"dtype", dtype},
          {"seed", 3},
          {"inputs",
           {{"input", {{"shape", {5, 4}}, {"init", "normal"}}},
            {"target", {{"shape", {5, 4}}, {"init", "normal"}}}}},
          {"layers",
           {{{"type", "linear"}, {"out_features", 4}},
            {{"type", "tanh"}},
            {{"type", "linear"}, {"out_features", 4}}}},
          {"loss", "mse"}};
}

std::vector<std::string> told(const CaseResult& result) {
  std::vector<std::string> lines;
  for (const Finding& finding : result.findings)
    if (finding.severity == Severity::error)
      lines.push_back(finding.rule + " " + finding.subject + " " +
                      finding.evidence.value("stage", ""));
  return lines;
}

// A slope with the wrong sign spoils every gradient before it: one layer is to blame.
TEST(StageBlame, NamesTheLayerNotWhatComesAfterIt) {
  for (const char* dtype : {"float64", "float32", "bfloat16"}) {
    const CaseResult result =
        check(network(dtype), {{"tanh", [](LayerGradients& g) { g.input = -g.input; }}});
    EXPECT_THAT(told(result), ElementsAre("sign-flipped 1.input layer 1 (tanh)")) << dtype;
    ASSERT_FALSE(result.findings.empty());
    const Finding& finding = result.findings[0];
    ASSERT_TRUE(finding.place);
    EXPECT_GT(finding.place->line, 0u);
    EXPECT_THAT(finding.evidence["gradients"].dump(), HasSubstr("0.weight"));
    EXPECT_THAT(finding.evidence["gradients"].dump(), testing::Not(HasSubstr("2.weight")));
  }
}

TEST(StageBlame, ExplainsAParameterOfALayer) {
  EXPECT_THAT(
      told(check(network(),
                 {{"linear", [](LayerGradients& g) { g.parameters[0] = g.parameters[0].t(); }}})),
      ElementsAre("transposed 2.weight layer 2 (linear)", "transposed 0.weight layer 0 (linear)"));
  EXPECT_THAT(
      told(check(network(),
                 {{"linear", [](LayerGradients& g) { g.parameters[1] = g.parameters[1] / 5; }}})),
      ElementsAre("wrong-scale 2.bias layer 2 (linear)", "wrong-scale 0.bias layer 0 (linear)"));
}

TEST(StageBlame, SaysWhichElementsAreWrong) {
  const CaseResult result = check(network(), {{"tanh", [](LayerGradients& g) {
                                                 g.input = g.input.clone();
                                                 g.input.select(1, 2).zero_();
                                               }}});
  EXPECT_THAT(told(result), ElementsAre("wrong-elements 1.input layer 1 (tanh)"));
  EXPECT_THAT(result.findings.at(0).message, HasSubstr("index 2 in dimension 1"));
}

TEST(StageBlame, TellsGradientsOfOneLayerApart) {
  Json json = network();
  json["inputs"]["input"] = {{"shape", {3, 2, 4}}, {"init", "normal"}};
  json["inputs"]["target"] = {{"shape", {3, 2, 4}}, {"init", "normal"}};
  json["layers"] = {{{"type", "rnn"}, {"hidden_size", 4}}};
  EXPECT_THAT(
      told(check(
          json, {{"rnn", [](LayerGradients& g) { std::swap(g.parameters[0], g.parameters[1]); }}})),
      ElementsAre("swapped-gradients 0.weight_ih_l0 layer 0 (rnn)"));
}

TEST(StageBlame, NamesTwoLayersAtOnce) {
  const CaseResult result =
      check(network(), {{"tanh", [](LayerGradients& g) { g.input = g.input * 2; }},
                        {"linear", [](LayerGradients& g) { g.input = g.input.roll(1, 0); }}});
  EXPECT_THAT(told(result), ElementsAre("wrong-scale 1.input layer 1 (tanh)",
                                        "unexplained 2.input layer 2 (linear)",
                                        "unexplained 0.input layer 0 (linear)"));
}

// The gradient that a first layer of indices does not have is nobody's mistake.
TEST(StageBlame, WorksBehindIndices) {
  Json json = network("float32");
  json["inputs"]["input"] = {{"data", {0, 2, 1, 2, 0}}, {"dtype", "int64"}};
  json["layers"][0] = {{"type", "embedding"}, {"num_embeddings", 3}, {"embedding_dim", 4}};
  EXPECT_THAT(
      told(check(
          json, {{"embedding", [](LayerGradients& g) { g.parameters[0] = g.parameters[0] * 3; }}})),
      ElementsAre("wrong-scale 0.weight layer 0 (embedding)"));
}

TEST(StageBlame, IsSilentWhereAllIsRight) {
  EXPECT_THAT(told(check(network(), {{"tanh", [](LayerGradients&) {}}})), IsEmpty());
}

TEST(StageBlame, SaysAShapeThatDoesNotFit) {
  const CaseResult result = check(
      network(),
      {{"linear", [](LayerGradients& g) { g.parameters[1] = g.parameters[1].unsqueeze(0); }}});
  EXPECT_EQ(result.verdict, Verdict::fail);
  for (const Finding& finding : result.findings) EXPECT_EQ(finding.rule, "shape-mismatch");
}

}  // namespace
}  // namespace gradient_check
