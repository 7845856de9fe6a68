#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>

#include "gradient_check/check.h"
#include "gradient_check/comparison/tolerance.h"
#include "gradient_check/diagnosis/observe.h"
#include "gradient_check/diagnosis/rule.h"
#include "gradient_check/gradient/scan.h"
#include "gradient_check/subject/layered_subject.h"

namespace gradient_check {
namespace {

using Json = nlohmann::json;

/// Draws layered cases: every layer and loss, depth 1 to 8, batch 1 to 64.
class NetworkGenerator {
 public:
  explicit NetworkGenerator(std::uint64_t seed) : engine_(seed) {}

  Json draw(const std::string& dtype) {
    const int depth = between(1, 8);
    const int form = between(0, 5);
    Json json{{"dtype", dtype}, {"seed", between(0, 1 << 30)}, {"layers", Json::array()}};
    Json& layers = json["layers"];
    int batch = pick({1, 2, 3, 5, 16, 64});
    if (form == 0)
      image(json, layers, std::max(2, std::min(batch, 4)));
    else if (form == 1)
      sequence(json, layers, std::max(1, std::min(batch, 3)));
    else if (form == 2)
      tokens(json, layers, std::min(batch, 8));
    else
      json["inputs"]["input"] = normal({batch = std::max(batch, 2), between(1, 5)});
    while (static_cast<int>(layers.size()) < depth) layers.push_back(row_layer());
    layers.push_back({{"type", "linear"}, {"out_features", 3}});
    loss(json, layers,
         json["inputs"]["input"].contains("shape")
             ? json["inputs"]["input"]["shape"][form == 1 ? 0 : 0].get<int>()
             : static_cast<int>(json["inputs"]["input"]["data"].size()));
    return json;
  }

 private:
  int between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(engine_); }
  template <typename T>
  T pick(std::initializer_list<T> values) {
    return *(values.begin() + between(0, static_cast<int>(values.size()) - 1));
  }
  static Json normal(std::vector<int> shape) { return {{"shape", shape}, {"init", "normal"}}; }

  void image(Json& json, Json& layers, int batch) {
    json["inputs"]["input"] = normal({batch, 2, 6, 5});
    layers.push_back({{"type", "conv2d"},
                      {"out_channels", 4},
                      {"kernel_size", 3},
                      {"padding", between(0, 1)},
                      {"groups", pick({1, 2})},
                      {"stride", pick({1, 2})}});
    if (between(0, 1)) layers.push_back({{"type", "batch_norm"}});
    layers.push_back(between(0, 1)
                         ? Json{{"type", "max_pool2d"}, {"kernel_size", 2}, {"stride", 1}}
                         : Json{{"type", "avg_pool2d"}, {"kernel_size", 2}, {"padding", 1}});
    layers.push_back({{"type", "flatten"}});
  }
  /// (N, L, features) throughout, flattened at the end.
  void sequence(Json& json, Json& layers, int batch) {
    json["inputs"]["input"] = normal({batch, 3, 4});
    const int kind = between(0, 4);
    if (kind < 3)
      layers.push_back({{"type", pick({"rnn", "lstm", "gru"})},
                        {"hidden_size", 2},
                        {"batch_first", true},
                        {"bidirectional", true},
                        {"num_layers", between(1, 2)}});
    else if (kind == 3)
      layers.push_back({{"type", "multi_head_attention"},
                        {"num_heads", 2},
                        {"batch_first", true},
                        {"causal", between(0, 1) == 1}});
    else
      layers.push_back({{"type", "conv1d"}, {"out_channels", 2}, {"kernel_size", 2}});
    layers.push_back({{"type", "flatten"}});
  }
  void tokens(Json& json, Json& layers, int batch) {
    Json data = Json::array();
    for (int i = 0; i < batch; ++i) data.push_back({between(0, 4), between(0, 4)});
    json["inputs"]["input"] = {{"data", data}, {"dtype", "int64"}};
    layers.push_back({{"type", "embedding"}, {"num_embeddings", 5}, {"embedding_dim", 3}});
    layers.push_back({{"type", "flatten"}});
  }
  Json row_layer() {
    switch (between(0, 7)) {
      case 0:
        return {{"type", "linear"}, {"out_features", between(2, 5)}, {"bias", between(0, 1) == 1}};
      case 1:
        return {{"type", "layer_norm"}};
      case 2:
        return {{"type", "rms_norm"}};
      case 3:
        return {{"type", "dropout"}, {"p", 0.3}};
      case 4:
        return {{"type", pick({"softmax", "log_softmax", "softplus", "gelu"})}};
      case 5:
        return {{"type", pick({"relu", "leaky_relu", "elu"})}};
      case 6:
        return {{"type", "linear"}, {"out_features", between(2, 5)}};
      default:
        return {{"type", pick({"silu", "sigmoid", "tanh"})}};
    }
  }
  void loss(Json& json, Json& layers, int batch) {
    const std::string type = pick({"mse", "l1", "huber", "bce", "bce_with_logits", "nll",
                                   "cross_entropy", "hinge", "kl_div"});
    if (type == "bce") layers.push_back({{"type", "sigmoid"}});
    if (type == "nll" || type == "kl_div") layers.push_back({{"type", "log_softmax"}});
    json["loss"] = {{"type", type}, {"reduction", pick({"mean", "sum", "none"})}};
    if (type == "cross_entropy") json["loss"]["label_smoothing"] = pick({0.0, 0.1});
    if (type == "nll" || type == "cross_entropy") {
      Json classes = Json::array();
      for (int i = 0; i < batch; ++i) classes.push_back(between(0, 2));
      json["inputs"]["target"] = {{"data", classes}, {"dtype", "int64"}};
    } else {
      json["inputs"]["target"] = {{"shape", {batch, 3}}, {"init", "uniform"}};
    }
  }

  std::mt19937_64 engine_;
};

/// A subject with one element of one gradient off by a part of that gradient's largest element.
class Spoiled : public Subject {
 public:
  Spoiled(const Subject& subject, std::string name, std::uint64_t element, double part)
      : subject_(subject), name_(std::move(name)), element_(element), part_(part) {}
  const NamedTensors& parameters() const override { return subject_.parameters(); }
  const NamedTensors& inputs() const override { return subject_.inputs(); }
  at::Tensor forward(const NamedTensors& values) const override { return subject_.forward(values); }
  bool has_manual() const override { return true; }
  bool takes_grad_output() const override { return subject_.takes_grad_output(); }
  ManualResult manual(const NamedTensors& values, const at::Tensor& grad) const override {
    ManualResult result = subject_.manual(values, grad);
    at::Tensor spoiled = result.gradients[name_].clone().reshape({-1});
    const double largest = largest_magnitude(spoiled);
    at::Tensor element =
        spoiled[static_cast<std::int64_t>(element_ % static_cast<std::uint64_t>(spoiled.numel()))];
    element.add_(part_ * largest);
    result.gradients.set(name_, spoiled.reshape(result.gradients[name_].sizes()));
    return result;
  }

 private:
  const Subject& subject_;
  std::string name_;
  std::uint64_t element_;
  double part_;
};

/// The tensor to spoil: one whose gradient is more than rounding, beside those of the others.
std::string choose(const CaseResult& clean, std::mt19937_64& engine) {
  std::vector<std::string> names;
  double overall = 0;
  std::vector<std::pair<std::string, double>> sizes;
  for (const GradientResult& gradient : clean.gradients) {
    const double size =
        gradient.worst && gradient.worst->autograd ? std::abs(*gradient.worst->autograd) : 0;
    sizes.emplace_back(gradient.name, size);
    overall = std::max(overall, size);
  }
  for (const auto& [name, size] : sizes)
    if (size > 1e-6 * overall) names.push_back(name);
  return names.empty() ? "" : names[engine() % names.size()];
}

bool lies_on_kink(const CaseResult& result, const std::string& name) {
  return std::any_of(result.findings.begin(), result.findings.end(), [&](const Finding& finding) {
    return finding.rule == "kink" && finding.subject == name;
  });
}

int count_from_environment(int fallback) {
  const char* text = std::getenv("GRADIENT_CHECK_NETWORKS");
  return text ? std::atoi(text) : fallback;
}

/// Right networks pass; the same with one element off are caught.
void check_networks(const std::string& dtype, int count, std::uint64_t seed) {
  NetworkGenerator generator(seed);
  std::mt19937_64 engine(seed);
  int spoiled = 0, on_kinks = 0;
  for (int i = 0; i < count; ++i) {
    const Json json = generator.draw(dtype);
    const Case loaded = load_case_text(json.dump(), "random.json");
    const auto subject = make_layered_subject(loaded);
    CheckSettings settings{loaded.dtype, loaded.seed, loaded.check, {}};
    const CaseResult clean = check_subject(*subject, settings);
    ASSERT_EQ(clean.verdict, Verdict::pass) << json.dump() << "\n" << to_json(clean).dump(1);
    const std::string name = choose(clean, engine);
    if (name.empty()) continue;
    ++spoiled;
    settings.options.finite_difference = FiniteDifferenceMode::off;
    const CaseResult caught =
        check_subject(Spoiled(*subject, name, engine(), detection_limit(loaded.dtype)), settings);
    if (lies_on_kink(caught, name)) {
      ++on_kinks;  // any value between the slopes is a subgradient, the spoiled one too
      continue;
    }
    ASSERT_EQ(caught.verdict, Verdict::fail) << name << " of " << json.dump() << "\n"
                                             << to_json(caught).dump(1);
  }
  EXPECT_GE(spoiled, count * 9 / 10);
  EXPECT_LE(on_kinks, count / 50);
}

TEST(RandomNetworks, Float64) { check_networks("float64", count_from_environment(250), 1); }
TEST(RandomNetworks, Float32) { check_networks("float32", count_from_environment(250), 2); }
TEST(RandomNetworks, Float16) { check_networks("float16", count_from_environment(250) / 5, 3); }
TEST(RandomNetworks, BFloat16) { check_networks("bfloat16", count_from_environment(250) / 5, 4); }

}  // namespace
}  // namespace gradient_check
