#include <ATen/TensorOperators.h>
#include <ATen/ops/ones.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "gradient_check/case/case.h"
#include "gradient_check/gradient/evaluation.h"
#include "gradient_check/subject/evaluation_scope.h"
#include "gradient_check/subject/program/program_subject.h"
#include "gradient_check/subject/program/stepwise.h"
#include "gradient_check/subject/program/variable_path.h"
#include "subject/parsed.h"

namespace gradient_check {
namespace {

using testing::ElementsAre;
using testing::IsSupersetOf;

constexpr const char* layers = R"(import torch


class Linear:
    def __init__(self, w):
        self.w = w

    def forward(self, x):
        self.x = x
        return x @ self.w

    def backward(self, d):
        self.dw = self.x.T @ d
        return d @ self.w.T


def step(x, w):
    net = {"first": Linear(w)}
    y = net["first"].forward(x)
    loss = (y * y).sum()
    d = net["first"].backward(2 * y)
    parts = [None]
    for i in range(1):
        parts[i] = d.sum(0)
    return loss, {"w": net["first"].dw}
)";

/// A case of a program, its statements and a point.
struct Traced {
  explicit Traced(const std::string& text, const TraceOptions& options = {}) {
    Case loaded;
    loaded.dtype = at::kDouble;
    loaded.program.emplace();
    loaded.program->text = text;
    loaded.program->label = "net.py";
    loaded.inputs.set("x", at::ones({4, 2}, at::kDouble));
    loaded.parameters.set("w", at::ones({2, 3}, at::kDouble));
    subject = make_program_subject(loaded);
    const EvaluationScope scope(at::kDouble);
    const NamedTensors values = values_in(*subject, at::kDouble);
    trace = subject->stepwise()->run_manual(values, at::ones({}, at::kDouble), options);
    NamedTensors leaves;
    for (const auto& [name, tensor] : values)
      leaves.set(name, tensor.detach().clone().requires_grad_());
    const EvaluationScope differentiable(at::kDouble, true);
    forward = subject->stepwise()->run_forward(leaves, at::ones({}, at::kDouble));
  }

  const Write* write(const std::string& name) const {
    const auto found = std::find_if(trace.writes.begin(), trace.writes.end(),
                                    [&](const Write& write) { return write.name == name; });
    return found == trace.writes.end() ? nullptr : &*found;
  }

  std::unique_ptr<Subject> subject;
  Trace trace, forward;
};

TEST(Trace, FollowsMethodsByTheWayToTheirObjects) {
  const Traced traced(layers);
  const Write* gradient = traced.write("self.dw");
  ASSERT_NE(gradient, nullptr);
  EXPECT_EQ(gradient->scope, "net[\"first\"]");
  EXPECT_EQ(gradient->statement->line, 13U);
  const auto& known = traced.forward.forward;
  EXPECT_TRUE(std::any_of(known.begin(), known.end(), [&](const ForwardValue& value) {
    return value.name == "self.w" && value.scope == gradient->scope;
  }));
}

TEST(Trace, KnowsWhatAMethodReturns) {
  const Traced traced(layers);
  const Write* returned = traced.write("Linear.backward");
  ASSERT_NE(returned, nullptr);
  const Write* received = traced.write("d");
  ASSERT_NE(received, nullptr);
  const auto index = static_cast<std::size_t>(returned - traced.trace.writes.data());
  EXPECT_THAT(received->reads, IsSupersetOf({index}));
  EXPECT_TRUE(received->value.equal(returned->value));
}

TEST(Trace, KnowsWhatIsPutIntoAList) {
  const Traced traced(layers);
  const Write* part = traced.write("parts[i]");
  ASSERT_NE(part, nullptr);
  EXPECT_EQ(part->iteration, "i = 0");
  EXPECT_EQ(part->value.sizes().vec(), std::vector<std::int64_t>{2});
}

TEST(Trace, PutsOtherValuesInPlaceInsideObjects) {
  const Traced right(layers);
  const auto index = static_cast<std::size_t>(right.write("self.dw") - right.trace.writes.data());
  TraceOptions options;
  options.overrides[index] = at::ones({2, 3}, at::kDouble) * 7;
  const Traced put(layers, options);
  const Write& entry = put.trace.writes[put.trace.entries.at("w")];
  EXPECT_TRUE(entry.value.equal(options.overrides[index]));
}

std::vector<std::string> texts_of(const std::vector<VariablePath>& paths) {
  std::vector<std::string> texts;
  for (const VariablePath& path : paths) texts.push_back(path.text());
  return texts;
}

TEST(VariablePath, IsTheLongestChainThatIsWrittenOut) {
  const auto read = [](const std::string& line) {
    return texts_of(paths_in(Parsed(line).body[0].value));
  };
  EXPECT_THAT(read("v = self.w.T @ params['W1'] + h[t]"),
              ElementsAre("self.w.T", "params[\"W1\"]", "h", "t"));
  EXPECT_THAT(read("v = net.layers[0].w"), ElementsAre("net.layers[0].w"));
  EXPECT_THAT(read("v = (a * b).sum(0)"), ElementsAre("a", "b"));
  EXPECT_THAT(read("v = torch.exp(x)"), ElementsAre("x"));
}

}  // namespace
}  // namespace gradient_check
