#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include "gradient_check/check.h"
#include "gradient_check/subject/program/program_subject.h"

// What LibTorch's tensors may be beside a block of memory, where they enter and leave.

namespace gradient_check {
namespace {

TEST(Border, ANegativeViewHasItsSign) {
  const auto imaginary = [](const NamedTensors& t) {
    return at::imag(at::complex(t["x"], t["y"]).conj() * 1.0).sum() + t["x"].sum();
  };
  const CaseResult result =
      check(imaginary,
            [](const NamedTensors& t, const at::Tensor& g) {
              return NamedTensors{{"x", g.expand_as(t["x"])}, {"y", -g.expand_as(t["y"])}};
            },
            {{"x", at::tensor({1.5}, at::kDouble)}, {"y", at::tensor({2.5}, at::kDouble)}});
  EXPECT_EQ(result.verdict, Verdict::pass);
  const auto lazily = [](const NamedTensors& t) {
    return at::imag(at::complex(t["x"], t["x"]).conj()).squeeze();
  };
  EXPECT_TRUE(at::imag(at::complex(at::ones({1}), at::ones({1})).conj()).is_neg());
  EXPECT_EQ(check(lazily,
                  [](const NamedTensors& t, const at::Tensor& g) {
                    return NamedTensors{{"x", -g.expand_as(t["x"])}};
                  },
                  {{"x", at::tensor({3.0}, at::kDouble)}})
                .verdict,
            Verdict::pass);
}

TEST(Border, AComplexGradientOfARealTensorIsNoMatch) {
  const CaseResult result =
      check([](const NamedTensors& t) { return t["x"].square().sum(); },
            [](const NamedTensors& t, const at::Tensor& g) {
              return NamedTensors{{"x", at::complex(2 * g * t["x"], 100 * t["x"])}};
            },
            {{"x", at::randn({4}, at::kDouble)}});
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.findings.at(0).rule, "shape-mismatch");
}

TEST(Border, AnInPlaceForwardThatChangesNothingIsDifferentiated) {
  EXPECT_EQ(check([](const NamedTensors& t) { return at::relu_(t["x"].mul_(1)).sum(); },
                  [](const NamedTensors& t, const at::Tensor& g) {
                    return NamedTensors{{"x", g * at::ones_like(t["x"])}};
                  },
                  {{"x", at::rand({4}, at::kDouble) + 1}})
                .verdict,
            Verdict::pass);
}

Case program_of(const std::string& lines) {
  return load_case_text(R"({"inputs": {"x": [1.0, 2.0]}, "parameters": {"w": [1.0, -2.0]},
          "program": {"source": [)" +
                            lines + "]}}",
                        "border.json");
}

// A hand-written backward is at home under no_grad; it detaches nothing there.
TEST(Border, NoGradAroundTheWholeDetachesNothing) {
  for (const char* lines : {
           R"json("import torch", "@torch.no_grad()", "def step(x, w):",
                  "    return (x * w * w).sum(), {'w': 2 * x * w}")json",
           R"json("import torch", "def step(x, w):", "    with torch.no_grad():",
                  "        loss = (x * w * w).sum()", "        d = 2 * x * w",
                  "    return loss, {'w': d}")json",
           R"json("import torch", "def forward(x, w):", "    with torch.inference_mode():",
                  "        return (x * w * w).sum()",
                  "def backward(x, w, grad_output):",
                  "    return {'w': 2 * x * w * grad_output}")json",
           R"json("import torch", "torch.set_grad_enabled(False)", "def step(x, w):",
                  "    return (x * w * w).sum(), {'w': 2 * x * w}")json"}) {
    const Case loaded = program_of(lines);
    const auto subject = make_program_subject(loaded);
    const CaseResult result =
        check_subject(*subject, {loaded.dtype, loaded.seed, loaded.check, loaded.train});
    EXPECT_EQ(result.verdict, Verdict::pass) << lines;
    EXPECT_TRUE(result.findings.empty()) << lines;
  }
}

CaseResult checked_forward(const std::string& body) {
  const Case loaded = load_case_text(
      R"({"dtype": "float64", "parameters": {"x": {"shape": [5000], "init": "normal"}},
          "program": {"source": ["def forward(x):", ")" +
          body + "\"]}}",
      "border.json");
  const auto subject = make_program_subject(loaded);
  EXPECT_FALSE(subject->pure()) << body;
  return check_subject(*subject, {at::kDouble, 0, {}, {}});
}

// .data is no operation that a recording shows; above 4096 elements nothing but the recording is
// asked.
TEST(Border, WhatTheRecordingDoesNotShowIsFoundInManyElementsToo) {
  const CaseResult result = checked_forward("    return (x * x.data).sum()");
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.gradients.at(0).wrong, Wrong::autograd);
}

// Python's numbers carry no gradient, which is what tolist() is for: held, and said.
TEST(Border, NumbersOutOfATensorAreHeld) {
  const CaseResult result = checked_forward("    l = x.tolist()\", \"    return x.sum() * l[0]");
  EXPECT_EQ(result.verdict, Verdict::pass);
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_NE(result.findings[0].message.find("`x.tolist()` is held"), std::string::npos);
}

}  // namespace
}  // namespace gradient_check
