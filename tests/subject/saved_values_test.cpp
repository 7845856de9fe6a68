// What a forward writes over after autograd saved it: as NumPy runs it in a NumPy program, refused
// with its place in PyTorch's.
#include "gradient_check/subject/saved_values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <torch/csrc/autograd/autograd.h>

#include "gradient_check/case/case.h"
#include "gradient_check/check.h"
#include "gradient_check/subject/program/program_subject.h"

namespace gradient_check {
namespace {

CaseResult checked_program(const std::string& lines) {
  const Case loaded = load_case_text(
      R"case({"dtype": "float64", "seed": 1,
          "inputs": {"x": {"shape": [3, 4], "init": "normal"}},
          "parameters": {"w": {"shape": [4, 2], "init": "normal"}},
          "program": {"source": [)case" +
          lines + "]}}",
      "in_place.json");
  const auto subject = make_program_subject(loaded);
  return check_subject(*subject, {loaded.dtype, loaded.seed, loaded.check, loaded.train});
}

/// A forward whose values are written over, alone: differences bear autograd out, or do not.
CaseResult checked_numpy(const std::string& body) {
  return checked_program(R"py("import numpy as np", "def forward(x, w):", "    s = x @ w",)py" +
                         body);
}

TEST(SavedValues, WritesInPlaceOfANumPyProgramAreDifferentiated) {
  for (const char* body :
       {R"py("    s -= np.max(s, axis=1, keepdims=True)", "    return np.sum(s * s)")py",
        R"py("    p = np.exp(s)", "    p /= p.sum(axis=1, keepdims=True)",
              "    return -np.log(p[:, 0]).sum()")py",
        R"py("    t = s * s", "    s[s < 0] = 0", "    return (t * s).sum()")py",
        R"py("    t = np.tanh(s)", "    np.multiply(t, s, out=t)", "    return (t * t).sum()")py",
        R"py("    t = s ** 3", "    np.exp(s, out=s)", "    return (t * s).sum()")py",
        R"py("    t = s[:, 0]", "    q = t * t", "    s *= 2", "    return (q * t).sum()")py",
        R"py("    h = np.maximum(s, 0)", "    q = h.dot(w.T)", "    h += 1",
              "    return (q * q).sum() + (h * h).sum()")py",
        R"py("    m = s.mean(axis=0)", "    v = ((s - m) ** 2).mean(axis=0)", "    s -= m",
              "    s /= np.sqrt(v + 1e-5)", "    return (s ** 3).sum()")py"}) {
    const CaseResult result = checked_numpy(body);
    EXPECT_EQ(result.verdict, Verdict::pass) << body << '\n' << result.message;
    EXPECT_EQ(result.gradients.at(0).certificate.kind, "every_element") << body;
  }
}

TEST(SavedValues, AWrongGradientBesideWritesInPlaceFails) {
  const auto program = [](const char* divisor) {
    return std::string(R"py("import numpy as np", "def step(x, w):", "    s = x @ w",
             "    s -= np.max(s, axis=1, keepdims=True)",
                       "    p = np.exp(s)", "    p /= p.sum(axis=1, keepdims=True)",
                       "    loss = -np.log(p[:, 0]).sum() / 3", "    p[:, 0] -= 1", "    p /= )py") +
           divisor + R"py(", "    return loss, {'w': x.T @ p}")py";
  };
  EXPECT_EQ(checked_program(program("3")).verdict, Verdict::pass);
  EXPECT_EQ(checked_program(program("2")).verdict, Verdict::fail);
}

/// Where and why a PyTorch program is refused.
void expect_refusal(const std::string& body, std::size_t line,
                    const ::testing::Matcher<const std::string&>& message) {
  try {
    checked_program(R"py("import torch", "def forward(x, w):",)py" + body);
    ADD_FAILURE() << "not refused: " << body;
  } catch (const SubjectError& error) {
    ASSERT_TRUE(error.place()) << body;
    EXPECT_EQ(error.place()->line, line) << body;
    EXPECT_THAT(std::string(error.what()), message) << body;
  }
}

TEST(SavedValues, AWriteInPlaceThatPyTorchRefusesIsNamed) {
  using ::testing::AllOf, ::testing::HasSubstr;
  expect_refusal(
      R"py("    p = torch.exp(x @ w)", "    p /= p.sum()", "    return p.log().sum()")py", 4,
      AllOf(HasSubstr("the write to `p`"), HasSubstr("`torch.exp(x @ w)` (line 3)"),
            HasSubstr("make a new tensor")));
  expect_refusal(
      R"py("    p = x @ w", "    q = p * p", "    p.relu_()", "    return (p * q).sum()")py", 5,
      AllOf(HasSubstr("`p.relu_()` changes"), HasSubstr("`p * p` (line 4)")));
  expect_refusal(R"py("    p = torch.sigmoid(x @ w)", "    p[0] = 1.0", "    return p.sum()")py", 4,
                 HasSubstr("`torch.sigmoid(x @ w)` (line 3)"));
}

TEST(SavedValues, OutsideOfAWatchLibTorchKeepsWhatItSaved) {
  const auto gradient = [] {
    const at::Tensor x = at::tensor({0.5, -1.0}, at::kDouble).requires_grad_();
    at::Tensor y = x.exp();
    const at::Tensor sum = y.sum();
    y.mul_(2);
    return torch::autograd::grad({sum}, {x})[0];
  };
  {
    const SavedCopies copies;
    EXPECT_TRUE(gradient().equal(at::tensor({0.5, -1.0}, at::kDouble).exp()));
  }
  EXPECT_THROW(gradient(), c10::Error);
}

}  // namespace
}  // namespace gradient_check
