#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "gradient_check/case/case.h"
#include "gradient_check/check.h"
#include "gradient_check/subject/program/program_subject.h"

namespace gradient_check {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// What a case with a program says of its detachments.
struct DetachCase {
  nlohmann::json parameters, inputs = nlohmann::json::object();
  std::vector<std::string> source;
  int order = 1;

  CaseResult checked(const std::string& dtype = "float32") const {
    const nlohmann::json json{{"dtype", dtype},
                              {"seed", 5},
                              {"parameters", parameters},
                              {"inputs", inputs},
                              {"program", {{"source", source}}}};
    const Case loaded = load_case_text(json.dump(), "detach.json");
    CheckOptions options = loaded.check;
    options.order = order;
    return check_subject(*make_program_subject(loaded), {loaded.dtype, loaded.seed, options, {}});
  }
};

nlohmann::json normal(std::vector<int> shape) { return {{"shape", shape}, {"init", "normal"}}; }

/// "error 3:17 w", in the order of the report.
std::vector<std::string> said_of(const CaseResult& result) {
  std::vector<std::string> lines;
  for (const Finding& finding : result.findings) {
    EXPECT_EQ(finding.rule, "reference-wrong") << finding.message;
    const Place place = finding.place.value_or(Place{});
    lines.push_back(std::string(to_string(finding.severity)) + " " + std::to_string(place.line) +
                    ":" + std::to_string(place.column) + " " + finding.subject);
  }
  return lines;
}

TEST(Detach, OnPurposePassesWithANote) {
  const DetachCase temporal_difference{
      {{"w", normal({3, 1})}},
      {{"x", normal({4, 3})}, {"next", normal({4, 3})}},
      {"def step(x, next, w):", "    q = x @ w", "    target = 0.9 * (next @ w).detach()",
       "    d = q - target", "    loss = (d * d).mean()",
       "    return loss, {'w': x.t() @ (2 * d / d.numel())}"}};
  const DetachCase straight_through{
      {{"w", normal({3, 2})}},
      {{"x", normal({4, 3})}},
      {"def forward(x, w):", "    h = x @ w", "    q = torch.round(h * 4) / 4",
       "    z = h + (q - h).detach()", "    return (z * z).sum()"}};
  for (const char* dtype : {"float32", "float64"}) {
    const CaseResult target = temporal_difference.checked(dtype);
    EXPECT_EQ(target.verdict, Verdict::pass);
    EXPECT_THAT(said_of(target), ElementsAre("note 3:20 (next @ w).detach()"));
    const CaseResult through = straight_through.checked(dtype);
    EXPECT_EQ(through.verdict, Verdict::pass);
    EXPECT_THAT(said_of(through), ElementsAre("note 4:13 (q - h).detach()"));
  }
}

// softmax does not depend on what is subtracted from its argument.
TEST(Detach, ThatChangesNothingIsNotSpokenOf) {
  const CaseResult result =
      DetachCase{{{"w", normal({3, 4})}},
                 {{"x", normal({5, 3})}},
                 {"def forward(x, w):", "    z = x @ w",
                  "    e = torch.exp(z - torch.amax(z, 1, True).detach())",
                  "    p = e / e.sum(1, keepdim=True)", "    return (p * p).sum()"}}
          .checked();
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_THAT(result.findings, IsEmpty());
}

/// x is quantized to its nearest row of the codebook; the codebook loss is given.
DetachCase quantizer(const std::string& codebook_loss) {
  return {
      {{"x", normal({5, 3})}, {"codebook", normal({4, 3})}},
      nlohmann::json::object(),
      {"def forward(x, codebook):",
       "    distance = ((x.unsqueeze(1) - codebook.unsqueeze(0)) ** 2).sum(2)",
       "    code = codebook[torch.argmin(distance, 1)]", "    z = x + (code - x).detach()",
       "    codebook_loss = " + codebook_loss, "    commitment = ((x - code.detach()) ** 2).mean()",
       "    return (z ** 2).mean() + codebook_loss + 0.25 * commitment"}};
}

TEST(Detach, OfAVectorQuantizerPasses) {
  const CaseResult result = quantizer("((code - x.detach()) ** 2).mean()").checked();
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_THAT(said_of(result), ElementsAre("note 4:13 (code - x).detach()", "note 5:30 x.detach()",
                                           "note 6:24 code.detach()"));
}

TEST(Detach, OfAllUsesOfAParameterIsAnError) {
  const CaseResult result = quantizer("((z - x.detach()) ** 2).mean()").checked();
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_THAT(said_of(result), ElementsAre("error 4:13 codebook", "note 5:27 x.detach()"));
  EXPECT_EQ(result.findings[0].message,
            "codebook gets no gradient: what could carry one is detached, here and at line 6");
  EXPECT_EQ(result.findings[0].help,
            "leave detach() out of `code.detach()` (line 6): codebook then gets a gradient, and "
            "those that others have stay as they are");
  for (const GradientResult& gradient : result.gradients)
    EXPECT_EQ(gradient.verdict, TensorVerdict::match);
}

TEST(Detach, OfAllUsesIsAnErrorWhateverTheManualCodeSays) {
  for (const char* manual : {"torch.zeros_like(v)", "y.t() @ y", "3 * y.t() @ y"}) {
    const CaseResult result = DetachCase{
        {{"w", normal({3, 2})}, {"v", normal({2, 2})}},
        {{"x", normal({4, 3})}},
        {"def step(x, w, v):", "    y = x @ w", "    z = y @ v.detach()",
         "    loss = (y * z).sum()",
         "    return loss, {'w': x.t() @ (z + y @ v.t()), 'v': " + std::string(manual) +
             "}"}}.checked("float64");
    EXPECT_EQ(result.verdict, Verdict::fail) << manual;
    EXPECT_THAT(said_of(result), ElementsAre("error 3:13 v")) << manual;
    for (const GradientResult& gradient : result.gradients)
      EXPECT_TRUE(gradient.name == "v" || gradient.verdict == TensorVerdict::match) << manual;
  }
}

TEST(Detach, ThatStarvesSeveralParametersIsToldOnce) {
  for (const bool manual : {false, true}) {
    std::vector<std::string> source{"def step(x, y, w1, b1, w2):",
                                    "    h = torch.tanh(x @ w1 + b1)",
                                    "    e = h.detach() @ w2 - y",
                                    "    loss = (e * e).sum()",
                                    "    d_h = (2 * e @ w2.t()) * (1 - h * h)",
                                    "    return loss, {'w1': x.t() @ d_h, 'b1': d_h.sum(0), 'w2': "
                                    "h.t() @ (2 * e)}"};
    if (!manual) {
      source.resize(4);
      source[0] = "def forward(x, y, w1, b1, w2):";
      source.push_back("    return loss");
    }
    const CaseResult result =
        DetachCase{{{"w1", normal({3, 4})}, {"b1", normal({4})}, {"w2", normal({4, 2})}},
                   {{"x", normal({5, 3})}, {"y", normal({5, 2})}},
                   source}
            .checked();
    EXPECT_EQ(result.verdict, Verdict::fail);
    EXPECT_THAT(said_of(result), ElementsAre("error 3:9 b1"));
    EXPECT_EQ(result.findings[0].help,
              "leave detach() out of `h.detach()` (line 3): b1 and w1 then get a gradient, and "
              "those that others have stay as they are");
  }
}

TEST(Detach, ThatTheManualCodeDoesNotKnowIsToldOnceForAllTensors) {
  const CaseResult result =
      DetachCase{{{"w", normal({3, 2})}, {"x", normal({4, 3})}},
                 nlohmann::json::object(),
                 {"def step(x, w):", "    y = x @ w", "    loss = (y * y.exp().detach()).sum()",
                  "    d = y.exp() * (1 + y)", "    return loss, {'w': x.t() @ d, 'x': d @ w.t()}"}}
          .checked();
  EXPECT_THAT(said_of(result), ElementsAre("error 3:17 w"));
  EXPECT_THAT(result.findings[0].message, HasSubstr("gradients of w and x stop at"));
}

TEST(Detach, OfAllUsesOfAnInputIsATarget) {
  const CaseResult result =
      DetachCase{{{"w", normal({3, 2})}},
                 {{"x", normal({4, 3})}, {"t", normal({4, 2})}},
                 {"def forward(x, t, w):", "    return ((x @ w - t.detach()) ** 2).sum()"}}
          .checked();
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_THAT(result.findings, IsEmpty());
}

/// y = x w; `lines` make `loss` of it; the manual code lets the gradient flow everywhere.
CaseResult flowing(std::vector<std::string> lines, const std::string& adjoint,
                   const std::string& dtype, std::vector<int> shape = {3, 2},
                   const std::vector<std::string>& before = {}) {
  std::vector<std::string> source = before;
  source.insert(source.end(), {"def step(x, w):", "    y = x @ w"});
  for (std::string& line : lines) source.push_back("    " + std::move(line));
  source.push_back("    return loss, {'w': x.t() @ (" + adjoint + ")}");
  return DetachCase{{{"w", normal(shape)}}, {{"x", normal({4, shape[0]})}}, source}.checked(dtype);
}

TEST(Detach, ThatTheManualCodeDoesNotKnowIsNamed) {
  for (const char* dtype : {"float32", "float64"}) {
    const CaseResult result = flowing({"loss = (y * y.detach()).sum()"}, "2 * y", dtype);
    EXPECT_EQ(result.verdict, Verdict::fail);
    EXPECT_THAT(said_of(result), ElementsAre("error 3:17 w"));
    const GradientResult& gradient = result.gradients.at(0);
    EXPECT_EQ(gradient.wrong, Wrong::autograd);
    // By hand: xᵀ 2 y, of which autograd has xᵀ y.
    EXPECT_NEAR(*gradient.worst->finite_difference, 2 * *gradient.worst->autograd, 1e-8);
    EXPECT_THAT(result.findings[0].message, HasSubstr("stops at `y.detach()`"));
  }
}

TEST(Detach, IsNamedInALargeTensorToo) {
  const CaseResult right =
      flowing({"loss = (y * y.detach()).mean()"}, "y / y.numel()", "float32", {100, 60});
  EXPECT_EQ(right.verdict, Verdict::pass);
  EXPECT_EQ(right.gradients.at(0).certificate.kind, "directional");
  EXPECT_LT(right.gradients.at(0).certificate.relative_error_bound.value(), 1e-6);
  EXPECT_THAT(said_of(right), ElementsAre("note 3:17 y.detach()"));
  const CaseResult wrong =
      flowing({"loss = (y * y.detach()).mean()"}, "2 * y / y.numel()", "float32", {100, 60});
  EXPECT_EQ(wrong.verdict, Verdict::fail);
  EXPECT_EQ(wrong.gradients.at(0).wrong, Wrong::autograd);
  EXPECT_THAT(said_of(wrong), ElementsAre("error 3:17 w"));
}

TEST(Detach, IsToldFromTheOthers) {
  const CaseResult result = flowing({"t = torch.tanh(y).detach()", "s = torch.sigmoid(y)",
                                     "u = s.detach()", "loss = (y * t).sum() + (y * u).sum()"},
                                    "t + u + y * s * (1 - s)", "float64");
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_THAT(said_of(result), ElementsAre("error 5:9 w", "note 3:9 torch.tanh(y).detach()"));
}

TEST(Detach, OfSeveralPlacesIsToldOnce) {
  const CaseResult result = flowing({"t = torch.tanh(y)", "loss = (y * t.detach()).sum()",
                                     "loss = loss + (y * y.detach()).sum()"},
                                    "t + y * (1 - t * t) + 2 * y", "float64");
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_THAT(said_of(result), ElementsAre("error 4:17 w"));
  EXPECT_THAT(result.findings[0].notes, ElementsAre("values are detached here and at line 5; they "
                                                    "move together"));
}

// Of the value 1 · c + 0 · y, detached, c is detached before: neither matters but with the other.
TEST(Detach, ThatMattersOnlyWithAnotherIsNoted) {
  const CaseResult result = flowing(
      {"c = y.detach()", "b = (c + 0 * y).detach()", "loss = (y * b).sum()"}, "b", "float64");
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_THAT(said_of(result), ElementsAre("note 3:9 y.detach()", "note 4:9 (c + 0 * y).detach()"));
}

TEST(Detach, OfADetachedValueIsLeftOutToo) {
  const CaseResult result =
      flowing({"a = y.detach()", "b = a.detach()", "loss = (y * b).sum()"}, "2 * y", "float64");
  EXPECT_THAT(said_of(result), ElementsAre("error 3:9 w"));
  EXPECT_THAT(result.findings[0].help, HasSubstr("and out of what detaches it again"));
}

TEST(Detach, InAHelperNamesTheCall) {
  const CaseResult result =
      flowing({"loss = (y * stop(y)).sum()"}, "2 * y", "float64", {3, 2},
              {"def stop(v):", "    s = v * 1.0", "    return s.detach()", ""});
  EXPECT_THAT(said_of(result), ElementsAre("error 3:12 w"));
  EXPECT_THAT(result.findings[0].notes, ElementsAre("called as `stop(y)` at line 7"));
}

TEST(Detach, InALoopIsOnePlace) {
  const CaseResult result = DetachCase{
      {{"w", normal({3, 3})}},
      {{"x", normal({4, 3})}},
      {"def forward(x, w):", "    h = x", "    loss = torch.zeros([])", "    for i in range(3):",
       "        h = torch.tanh(h.detach() @ w)", "        loss = loss + (h * h).sum()",
       "    return loss"}}.checked();
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_THAT(said_of(result), ElementsAre("note 5:24 h.detach()"));
}

TEST(Detach, DoesNotHideAnotherMistake) {
  const CaseResult result = flowing(
      {"t = torch.tanh(y).detach()", "d = y - t", "loss = (d * d).sum()"}, "-2 * d", "float64");
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.gradients.at(0).wrong, Wrong::manual);
  ASSERT_EQ(result.findings.size(), 2U);
  EXPECT_EQ(result.findings[0].rule, "sign-flipped");
  EXPECT_TRUE(result.findings[0].fix && result.findings[0].fix->verified);
  EXPECT_EQ(result.findings[1].severity, Severity::note);
}

// The gradient c² of Σ w c², c detached, has no second derivative; forward and note are told once.
TEST(Detach, IsHeldInSecondDerivatives) {
  const CaseResult result =
      DetachCase{{{"w", normal({3})}},
                 {{"x", normal({3})}},
                 {"def forward(x, w):", "    return (w * w * (x * w).detach()).sum()"},
                 2}
          .checked("float64");
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_THAT(said_of(result), ElementsAre("note 2:21 (x * w).detach()"));
}

TEST(Detach, InCppIsHeldAndNamedByItsNumber) {
  at::manual_seed(2);
  const NamedTensors point{{"x", at::randn({3}, at::kDouble)}};
  const ForwardFunction forward = [](const NamedTensors& t) {
    const at::Tensor gated = t["x"] * t["x"].sigmoid().detach();
    return (gated + t["x"] * t["x"].detach()).sum();
  };
  const CaseResult alone = check(forward, nullptr, point);
  EXPECT_EQ(alone.verdict, Verdict::pass);
  EXPECT_EQ(alone.findings.size(), 2U);
  const CaseResult wrong = check(
      forward,
      [](const NamedTensors& t, const at::Tensor& g) {
        return NamedTensors{{"x", g * (t["x"].sigmoid() + 2 * t["x"])}};
      },
      point);
  EXPECT_EQ(wrong.verdict, Verdict::fail);
  EXPECT_EQ(wrong.gradients.at(0).wrong, Wrong::autograd);
  ASSERT_FALSE(wrong.findings.empty());
  EXPECT_EQ(wrong.findings[0].rule, "reference-wrong");
  EXPECT_THAT(wrong.findings[0].message, HasSubstr("stops at call 2 of detach() in the forward"));
}

// Of |w| at 0 no direction has a derivative: autograd is certified beside the point, where what is
// detached has that point's values.
TEST(Detach, IsHeldAtAPointNearby) {
  FunctionCheckOptions options;
  options.check.finite_difference = FiniteDifferenceMode::directional;
  const CaseResult result = check(
      [](const NamedTensors& t) {
        return (t["w"].abs() * (1 + 1e3 * t["w"].detach().square())).sum();
      },
      nullptr, {{"w", at::zeros({50, 100}, at::kDouble)}}, options);
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_EQ(result.gradients.at(0).certificate.distance, 1e-4);
  EXPECT_LT(result.gradients.at(0).certificate.relative_error_bound, 1e-6);
}

}  // namespace
}  // namespace gradient_check
