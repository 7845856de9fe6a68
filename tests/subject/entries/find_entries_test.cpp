#include "gradient_check/subject/program/entries/find_entries.h"

#include <gmock/gmock.h>

#include "gradient_check/subject/program/program_subject.h"

namespace gradient_check {
namespace {

constexpr const char* both = R"(
import torch
class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return 2 * x
    @staticmethod
    def backward(ctx, g):
        return 2 * g
def scale(x, factor):
    return x * factor
def scale_backward(dout, factor):
    return dout * factor
class Layer:
    def forward(self, x):
        return x
    def backward(self, d):
        return d
class Abstract:
    def forward(self, x):
        raise NotImplementedError
    def backward(self, d):
        pass
def cost(w):
    loss = (w * w).sum()
    return loss, {"w": 2 * w}
)";

std::vector<std::string> found_in(const std::string& text) {
  std::vector<std::string> names;
  const EvaluatedProgram program("net.py", text, at::kDouble);
  for (const FoundEntry& entry : find_entries(program.tree())) names.push_back(entry.name);
  return names;
}

/// What a case with that "program" says when its subject is made; empty if nothing.
std::string complaint(const std::string& text, const std::string& program,
                      const std::string& tensors = R"("inputs": {"x": [1.0, 2.0]})") {
  std::string lines;
  for (const char c : text)
    lines += c == '\n' ? std::string("\", \"") : c == '"' ? std::string("\\\"") : std::string(1, c);
  try {
    make_program_subject(load_case_text(
        "{" + tensors + ", \"program\": {\"source\": [\"" + lines + "\"]" + program + "}}",
        "case.json"));
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

TEST(FindEntries, InTheOrderOfKinds) {
  EXPECT_THAT(found_in(both), testing::ElementsAre("scale", "Twice", "Layer", "cost"));
}

TEST(FindEntries, AStepIsMeantAlone) {
  EXPECT_THAT(found_in(std::string(both) + "def step(w): return w.sum(), {}\n"),
              testing::ElementsAre("step"));
}

TEST(FindEntries, SeveralAreListed) {
  const std::string message = complaint(both, "");
  EXPECT_THAT(message, testing::HasSubstr("more than one thing here can be checked"));
  for (const char* name : {"'scale'", "'Twice'", "'Layer'", "'cost'"})
    EXPECT_THAT(message, testing::HasSubstr(name));
}

TEST(FindEntries, OneIsNamed) {
  EXPECT_EQ(complaint(both, R"(, "entry": "Twice")"), "");
  EXPECT_THAT(complaint(both, R"(, "entry": "Twise")"),
              testing::HasSubstr("(did you mean 'Twice'?)"));
}

TEST(FindEntries, NothingToCheckIsSaid) {
  EXPECT_THAT(complaint("def f(x):\n    return x", ""),
              testing::HasSubstr("a program needs a function 'step'"));
}

TEST(FindEntries, WhatIsMissingIsListedAsJson) {
  EXPECT_THAT(complaint(both, R"(, "entry": "scale")"),
              testing::AllOf(testing::HasSubstr("scale needs 'factor'"),
                             testing::HasSubstr("\"inputs\": {\"factor\": {")));
  EXPECT_EQ(complaint(both, R"(, "entry": "scale", "arguments": {"factor": 3})"), "");
}

TEST(FindEntries, AReferenceThatIsNotThereIsSaid) {
  EXPECT_THAT(complaint(both, R"(, "entry": "Twice", "reference": "csot")"),
              testing::HasSubstr("(did you mean 'cost'?)"));
}

}  // namespace
}  // namespace gradient_check
