// Programs whose forward returns several tensors.
#include "gradient_check/subject/program/program_outputs.h"

#include <ATen/ops/ones.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "gradient_check/check.h"
#include "gradient_check/subject/program/program_subject.h"
#include "gradient_check/subject/recorded_subject.h"

namespace gradient_check {
namespace {

using testing::HasSubstr;
using Lines = std::vector<std::string>;

Case several_case(const Lines& lines, const std::string& dtype = "float32") {
  const nlohmann::json json{{"dtype", dtype},
                            {"parameters",
                             {{"x", {{"shape", {4, 3}}, {"init", "normal"}}},
                              {"w", {{"shape", {3}}, {"init", "normal"}}}}},
                            {"program", {{"source", lines}}}};
  return load_case_text(json.dump(), "several.json");
}

CaseResult checked_program(const Lines& lines, const std::string& dtype = "float32") {
  const Case loaded = several_case(lines, dtype);
  const auto subject = make_program_subject(loaded);
  return check_subject(*subject, {loaded.dtype, loaded.seed, loaded.check, loaded.train});
}

std::string several_error(const Lines& lines) {
  try {
    make_program_subject(several_case(lines));
  } catch (const SubjectError& error) {
    return error.what();
  }
  return "";
}

const Lines two_outputs{"def forward(x, w):", "    return torch.tanh(x * w), x * x * w"};

Lines lines(const Lines& first, const Lines& second) {
  Lines all = first;
  all.insert(all.end(), second.begin(), second.end());
  return all;
}

/// The gradients of `forward`, with the cotangents called d and e.
const Lines both_gradients{
    "    y = torch.tanh(x * w)", "    d_a = d * (1 - y * y)", "    d_x = d_a * w + e * 2 * x * w",
    "    d_w = (d_a * x + e * x * x).sum(0)", "    return {'x': d_x, 'w': d_w}"};

TEST(ProgramOutputs, EachTakesItsCotangent) {
  const std::vector<Lines> starts{
      {"def backward(x, w, d, e):"},
      {"def backward(x, w, grad_output_0, grad_output_1):",
       "    d, e = grad_output_0, grad_output_1"},
      {"def backward(grad_y, x, w, grad_z):", "    d, e = grad_y, grad_z"},
      {"def backward(x, w, grad_outputs: List[Tensor]):",
       "    d, e = grad_outputs[0], grad_outputs[1]"},
      {"def backward(x, w, grad_output: Tuple[Tensor, Tensor]):", "    d, e = grad_output"}};
  for (const Lines& start : starts)
    for (const char* dtype : {"float32", "float64", "float16"})
      EXPECT_EQ(checked_program(lines(two_outputs, lines(start, both_gradients)), dtype).verdict,
                Verdict::pass)
          << start[0] << " " << dtype;
}

TEST(ProgramOutputs, MayBeAList) {
  const Lines list{"def forward(x, w):", "    outputs = [torch.tanh(x * w)]",
                   "    outputs.append(x * x * w)", "    return outputs"};
  EXPECT_EQ(
      checked_program(lines(list, lines({"def backward(x, w, d, e):"}, both_gradients))).verdict,
      Verdict::pass);
}

TEST(ProgramOutputs, AreAllChecked) {
  Lines wrong = lines({"def backward(x, w, d, e):"}, both_gradients);
  wrong[3] = "    d_x = d_a * w + e * x * w";  // the second output's share, halved
  const CaseResult result = checked_program(lines(two_outputs, wrong));
  EXPECT_EQ(result.verdict, Verdict::fail);
  ASSERT_FALSE(result.findings.empty());
  EXPECT_EQ(result.findings[0].place->line, 6U) << result.findings[0].message;
  for (const GradientResult& gradient : result.gradients)
    EXPECT_EQ(gradient.wrong, gradient.name == "x" ? Wrong::manual : Wrong::none);
}

TEST(ProgramOutputs, ALostOutputIsFound) {
  Lines lost = lines({"def backward(x, w, d, e):"}, both_gradients);
  lost[3] = "    d_x = d_a * w";
  lost[4] = "    d_w = (d_a * x).sum(0)";
  EXPECT_EQ(checked_program(lines(two_outputs, lost)).verdict, Verdict::fail);
}

TEST(ProgramOutputs, TooFewOrTooManyCotangentsAreNamed) {
  const Lines body{"    return {'x': x, 'w': w}"};
  EXPECT_THAT(
      several_error(lines(two_outputs, lines({"def backward(x, w, grad_output):"}, body))),
      HasSubstr("forward returns 2 outputs that can be differentiated (output 0, output 1), "
                "and backward takes 1 cotangent (grad_output)"));
  EXPECT_THAT(several_error(lines(two_outputs, lines({"def backward(x, w):"}, body))),
              HasSubstr("backward takes no cotangent"));
  const Lines named{"def forward(x, w):", "    y = x * w", "    z = x + w", "    return y, z"};
  EXPECT_THAT(several_error(lines(named, lines({"def backward(x, w, a, b, c):"}, body))),
              HasSubstr("(y, z), and backward takes 3 cotangents (a, b, c): give backward an "
                        "argument for the cotangent of each, in their order (grad_y, grad_z)"));
  EXPECT_THAT(several_error(lines(
                  named, lines({"def backward(x, w, g: Tuple[Tensor, Tensor, Tensor]):"}, body))),
              HasSubstr("takes 3 cotangents"));
}

TEST(ProgramOutputs, WhatCannotBeDifferentiatedHasNoCotangent) {
  const Lines values{"def forward(x, w):", "    y, i = torch.max(x * w, dim=1)",
                     "    return y, i, x.detach()"};
  const Lines body{"    i = (x * w).argmax(1, keepdim=True)",
                   "    d = torch.zeros_like(x).scatter(1, i, dy.unsqueeze(1))",
                   "    return {'x': d * w, 'w': (d * x).sum(0)}"};
  for (const char* start : {"def backward(x, w, dy):", "def backward(x, w, dy, dc):",
                            "def backward(x, w, dy, di, dc):"})
    EXPECT_EQ(checked_program(lines(values, lines({start}, body))).verdict, Verdict::pass) << start;
}

TEST(ProgramOutputs, ASingleCotangentMayHaveAnyName) {
  const Lines one{"def forward(x, w):", "    return x * w"};
  for (const std::string name : {"dout", "grad", "dy", "upstream"})
    EXPECT_EQ(checked_program(lines(one, {"def backward(x, w, " + name + "):",
                                          "    return {'x': " + name + " * w, 'w': (" + name +
                                              " * x).sum(0)}"}))
                  .verdict,
              Verdict::pass)
        << name;
  const Lines body{"    return {'x': x, 'w': w}"};
  EXPECT_THAT(several_error(lines(one, lines({"def backward(x, w, a, b):"}, body))),
              HasSubstr("arguments a, b of backward are neither inputs nor parameters: forward "
                        "returns one output, which has one cotangent"));
}

TEST(ProgramOutputs, AForwardAloneIsCheckedByDifferences) {
  EXPECT_EQ(checked_program(two_outputs).verdict, Verdict::pass);
}

TEST(ProgramOutputs, OtherResultsAreRefused) {
  EXPECT_THAT(several_error({"def forward(x, w):", "    return x * w, '3'"}),
              HasSubstr("forward must return a tensor, or several as a tuple or a list, found "
                        "Tuple[Tensor, str]"));
  EXPECT_THAT(several_error(
                  {"def step(x, w):", "    y = x * w", "    return y.sum(), y, {'x': x, 'w': w}"}),
              HasSubstr("for several outputs write forward"));
  EXPECT_THAT(several_error({"def forward(x, w):", "    return x.detach(), w.detach()"}),
              HasSubstr("no output of forward can be differentiated"));
}

TEST(ProgramOutputs, SecondDerivativesOfAll) {
  const Lines program = lines(two_outputs, lines({"def backward(x, w, d, e):"}, both_gradients));
  Case loaded = several_case(program, "float64");
  loaded.check.order = 2;
  const auto subject = make_program_subject(loaded);
  EXPECT_EQ(
      check_subject(*subject, {loaded.dtype, loaded.seed, loaded.check, loaded.train}).verdict,
      Verdict::pass);
}

TEST(ProgramOutputs, ManualDirectionalDerivativesOfAll) {
  const Lines jvp{"def jvp(x, w, x_tangent, w_tangent):", "    y = torch.tanh(x * w)",
                  "    t = x_tangent * w + x * w_tangent",
                  "    return (1 - y * y) * t, 2 * x * w * x_tangent + x * x * w_tangent"};
  EXPECT_EQ(checked_program(lines(two_outputs, jvp), "float64").verdict, Verdict::pass);
  Lines wrong = jvp;
  wrong[3] = "    return (1 - y * y) * t, x * w * x_tangent + x * x * w_tangent";
  EXPECT_EQ(checked_program(lines(two_outputs, wrong), "float64").verdict, Verdict::fail);
}

TEST(ProgramOutputs, NonFiniteValuesAreTracedThroughThem) {
  const CaseResult result =
      checked_program({"def forward(x, w):", "    z = torch.log(w - w)", "    return x * w, z * w",
                       "def backward(x, w, d, e):", "    z = torch.log(w - w)",
                       "    return {'x': d * w, 'w': (d * x).sum(0) + e * z}"});
  EXPECT_EQ(result.verdict, Verdict::fail);
  ASSERT_FALSE(result.findings.empty());
  EXPECT_EQ(result.findings[0].rule, "log-of-zero");
  EXPECT_EQ(result.findings[0].place->line, 2U);
  EXPECT_EQ(result.findings[0].chain.back().op, "mul") << "how the outputs are joined is no link";
}

TEST(ProgramOutputs, TrainingNeedsOneLoss) {
  Case loaded =
      several_case(lines(two_outputs, lines({"def backward(x, w, d, e):"}, both_gradients)));
  loaded.train.emplace();
  const auto subject = make_program_subject(loaded);
  try {
    check_subject(*subject, {loaded.dtype, loaded.seed, loaded.check, loaded.train});
    FAIL() << "trained on two outputs";
  } catch (const SubjectError& error) {
    EXPECT_THAT(error.what(), HasSubstr("training needs a loss of one element"));
  }
}

TEST(ProgramOutputs, RecordedGradientsAreThoseOfOneLoss) {
  Case loaded = several_case(two_outputs);
  const auto subject =
      with_recorded_gradients(make_program_subject(loaded),
                              {{{"x", at::ones({4, 3})}, {"w", at::ones({3})}}, {}}, loaded.dtype);
  try {
    check_subject(*subject, {loaded.dtype, loaded.seed, loaded.check, loaded.train});
    FAIL() << "two outputs have one gradient";
  } catch (const SubjectError& error) {
    EXPECT_THAT(error.what(), HasSubstr("recorded gradients are those of a loss, one number"));
  }
}

}  // namespace
}  // namespace gradient_check
