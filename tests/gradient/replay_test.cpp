#include "gradient_check/gradient/replay/replay.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "gradient_check/gradient/central_sweep.h"
#include "gradient_check/gradient/evaluations.h"
#include "gradient_check/subject/cpp/function_subject.h"
#include "gradient_check/subject/evaluation_scope.h"
#include "gradient_check/subject/operation_callback.h"
#include "gradient_check/subject/program/program_subject.h"

namespace gradient_check {
namespace {

using Forward = std::function<at::Tensor(const at::Tensor& x, const at::Tensor& w)>;

struct Example {
  const char* name;
  std::vector<std::int64_t> x, w;
  Forward forward;
};

std::ostream& operator<<(std::ostream& out, const Example& example) { return out << example.name; }

/// A forward of x and w with a random cotangent, recorded.
struct Recorded {
  explicit Recorded(const Example& example)
      : scope(at::kDouble),
        subject([f = example.forward](const NamedTensors& t) { return f(t["x"], t["w"]); }, nullptr,
                {}, {}) {
    at::manual_seed(7);
    const NamedTensors values{{"x", at::randn(example.x, at::kDouble)},
                              {"w", at::randn(example.w, at::kDouble)}};
    const at::Tensor output = run_forward(subject, values, at::kDouble);
    objective.emplace(subject, values, std::vector<std::string>{"x", "w"},
                      draw_cotangent(output.sizes(), at::kDouble, 3), EvaluationManner{});
  }
  EvaluationScope scope;
  FunctionSubject subject;
  std::optional<Objective> objective;
};

class ReplayOf : public testing::TestWithParam<Example> {};

TEST_P(ReplayOf, GivesWhatTheForwardGives) {
  Recorded recorded(GetParam());
  Objective& objective = *recorded.objective;
  ASSERT_NE(objective.tape(), nullptr);
  for (const char* name : {"x", "w"}) {
    Replay replay(*objective.tape(), name, objective.grad_output());
    ASSERT_TRUE(replay.possible());
    const double size = std::abs(objective.here()) + 1;
    for (std::int64_t i = 0; i < objective.value(name).numel(); ++i) {
      const double element = objective.element(name, i) + 0.37;
      EXPECT_NEAR(replay.at(i, element), objective.at(name, i, element), 1e-11 * size)
          << name << ' ' << i;
    }
    const at::Tensor moved = objective.value(name) * 1.25 + 0.01;
    EXPECT_NEAR(replay.at(moved), objective.at({{name, moved}}), 1e-11 * size) << name;
    EXPECT_NEAR(replay.here(), objective.here(), 1e-12 * size);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rules, ReplayOf,
    testing::Values(
        Example{"mm", {3, 4}, {4, 5}, [](auto& x, auto& w) { return at::mm(x, w); }},
        Example{"matmul of three dimensions", {2, 3, 4}, {4, 5},
                [](auto& x, auto& w) { return at::matmul(x, w).tanh(); }},
        Example{"matmul of vectors", {4}, {4}, [](auto& x, auto& w) { return at::matmul(x, w); }},
        Example{"batched matmul", {2, 3, 4}, {2, 4, 3},
                [](auto& x, auto& w) { return at::matmul(x, w).exp(); }},
        Example{"linear", {3, 4}, {5, 4},
                [](auto& x, auto& w) { return at::linear(x, w, w.sum(1)).sigmoid(); }},
        Example{"linear's bias", {3, 4}, {5},
                [](auto& x, auto& w) { return at::linear(x, at::ones({5, 4}, x.options()), w); }},
        Example{"addmm", {3, 4}, {4, 5},
                [](auto& x, auto& w) { return at::addmm(w.sum(0), x, w); }},
        Example{"addmm with factors", {3, 4}, {4, 5},
                [](auto& x, auto& w) { return at::addmm(w.sum(0), x, w, 2, 3); }},
        Example{"two layers", {3, 4}, {4, 4},
                [](auto& x, auto& w) { return at::mm(at::mm(x, w).tanh(), w.t()).relu(); }},
        Example{"broadcast", {3, 1, 4}, {2, 1}, [](auto& x, auto& w) { return x * w + w; }},
        Example{"scalars", {}, {}, [](auto& x, auto& w) { return x * w + 1; }},
        Example{"scalar with tensor", {3, 2}, {}, [](auto& x, auto& w) { return (x - w).exp(); }},
        Example{"where", {3, 4}, {4},
                [](auto& x, auto& w) { return at::where(x > 0, x * w, w.exp()); }},
        Example{"sum and mean", {3, 4}, {4},
                [](auto& x, auto& w) { return (x * w).sum(1).mean() + x.mean(0, true).sum(); }},
        Example{"sum over two dimensions", {2, 3, 4}, {3, 4},
                [](auto& x, auto& w) { return (x * w).sum(at::IntArrayRef{0, -1}).square(); }},
        Example{"softmax", {3, 4}, {4},
                [](auto& x, auto& w) { return at::softmax(x * w, -1) + at::softmax(x, 0); }},
        Example{"log_softmax", {2, 3, 4}, {4},
                [](auto& x, auto& w) { return at::log_softmax(x * w, 1); }},
        Example{"layer_norm", {3, 4}, {4},
                [](auto& x, auto& w) { return at::layer_norm(x, {4}, w, w); }},
        Example{"convolution", {2, 3, 6}, {4, 3, 2},
                [](auto& x, auto& w) { return at::conv1d(x, w, w.sum({1, 2})).tanh(); }},
        Example{"convolution without batch", {3, 5, 5}, {2, 3, 3, 3},
                [](auto& x, auto& w) { return at::conv2d(x, w).tanh(); }},
        Example{"grouped convolution", {2, 4, 6}, {4, 2, 3},
                [](auto& x, auto& w) { return at::conv1d(x, w, {}, 1, 1, 1, 2); }},
        Example{"permute, select, unsqueeze", {2, 3, 4}, {4},
                [](auto& x, auto& w) {
                  return (x * w).permute({2, 0, 1}).select(1, 1).unsqueeze(-1).transpose(0, 1);
                }},
        Example{"heads", {2, 3, 8}, {8, 8},
                [](auto& x, auto& w) {
                  const at::Tensor heads = at::linear(x, w).view({2, 3, 2, 4}).transpose(1, 2);
                  return at::softmax(at::matmul(heads, heads.transpose(-2, -1)), -1)
                      .reshape({4, 9});
                }},
        Example{"reshape across rows", {4, 6}, {6},
                [](auto& x, auto& w) { return (x * w).reshape({3, 8}).exp().flatten(); }},
        Example{"expanded", {3, 4}, {1, 4},
                [](auto& x, auto& w) { return w.expand({3, 4}) * x.tanh(); }},
        Example{"lists", {3, 4}, {3, 4},
                [](auto& x, auto& w) {
                  const auto parts = at::chunk(x, 2, 1);
                  return at::cat({parts[1], w, parts[0]}, 1).tanh();
                }},
        Example{"index by tensors", {5, 3}, {2, 3},
                [](auto& x, auto& w) {
                  const at::Tensor rows = at::arange(2, at::kLong);
                  return x.index({rows}) * at::embedding(w, rows);
                }},
        Example{"losses", {3, 4}, {3, 4},
                [](auto& x, auto& w) {
                  return at::mse_loss(x, w) +
                         at::cross_entropy_loss(x, at::arange(3, at::kLong));
                }},
        Example{"x alone", {3}, {2}, [](auto& x, auto&) { return x.sin(); }},
        Example{"cumulative sum", {3, 4}, {4},
                [](auto& x, auto& w) { return at::cumsum(x * w, 1).norm(); }}));

thread_local std::map<std::string, int> operations_run;

std::unique_ptr<at::ObserverContext> count_operation(const at::RecordFunction& function) {
  ++operations_run[function.name()];
  return nullptr;
}

// One entry of w moves one column of x w: neither that product nor the next is computed again.
TEST(Replay, OfOneEntryRunsNoProduct) {
  Recorded recorded({"", {8, 6}, {6, 6}, [](auto& x, auto& w) {
                       return at::linear(at::mm(x, w).tanh(), at::ones({5, 6}, x.options()));
                     }});
  Replay replay(*recorded.objective->tape(), "w", recorded.objective->grad_output());
  operations_run.clear();
  {
    const OperationCallback callback{at::RecordFunctionCallback(&count_operation)};
    replay.at(3, 1.5);
  }
  EXPECT_EQ(operations_run["aten::tanh"], 1);
  for (const char* product : {"aten::mm", "aten::matmul", "aten::linear", "aten::addmm"})
    EXPECT_EQ(operations_run[product], 0) << product;
}

// An interpreter calls an operation with all of its stack.
TEST(Replay, OfAProgramRunsNoProductEither) {
  const Case loaded = load_case_text(
      R"({"dtype": "float64", "inputs": {"x": {"shape": [8, 6], "init": "normal"}},
          "parameters": {"w": {"shape": [6, 5], "init": "normal"}, "b": [1, 2, 3, 4, 5]},
          "program": {"source": ["def forward(x, w, b):",
                                 "    return torch.tanh(torch.addmm(b, x, w)) @ b"]}})",
      "replay.json");
  const auto subject = make_program_subject(loaded);
  const EvaluationScope scope(at::kDouble);
  Objective objective(*subject, values_in(*subject, at::kDouble), {"w", "b"},
                      at::ones({8}, at::kDouble), EvaluationManner{});
  Replay replay(*objective.tape(), "w", objective.grad_output());
  operations_run.clear();
  double value = 0;
  {
    const OperationCallback callback{at::RecordFunctionCallback(&count_operation)};
    value = replay.at(3, 1.5);
  }
  EXPECT_EQ(operations_run["aten::addmm"] + operations_run["aten::mm"], 0);
  EXPECT_NEAR(value, objective.at("w", 3, 1.5), 1e-12);
}

/// A program that ends with that line.
std::unique_ptr<Subject> ladder_program(const std::string& last) {
  const std::string text = R"json({"dtype": "float64",
          "inputs": {"x": {"shape": [8, 6], "init": "normal"}},
          "parameters": {"w": {"shape": [6, 5], "init": "normal"}, "b": [1, 2, 3, 4, 5]},
          "program": {"source": ["def forward(x, w, b):", "    y = torch.mm(x, w).tanh()", ")json";
  return make_program_subject(load_case_text(text + last + "\"]}}", "ladder.json"));
}

Objective ladder_objective(const Subject& subject) {
  return {subject,
          values_in(subject, at::kDouble),
          {"w", "b"},
          at::ones({8}, at::kDouble),
          EvaluationManner{}};
}

TEST(ElementReplay, GivesTheForwardsOwnNumbersAndSkipsWhatDoesNotDepend) {
  const EvaluationScope scope(at::kDouble);
  for (const char* last : {"    return y @ (b + 1)", "    return (y * b).logsumexp(1)"}) {
    const auto subject = ladder_program(last);
    Objective objective = ladder_objective(*subject);
    for (const char* name : {"w", "b"})
      for (const double element : {1.5, 1.25, -1e9, 1e-300, std::nan("")}) {
        operations_run.clear();
        double value = 0;
        {
          const OperationCallback callback{at::RecordFunctionCallback(&count_operation)};
          value = objective.replayed_at(name, 3, element);
        }
        // The first is held against the forward, and records it.
        if (*name == 'b' && element != 1.5) {
          EXPECT_EQ(operations_run["aten::mm"], 0);
        }
        EXPECT_TRUE(same_value(value, objective.at(name, 3, element), 0)) << name << element;
      }
  }
}

// A branch that numbers decide is no part of a recording.
TEST(ElementReplay, IsNotUsedWhereNumbersDecide) {
  const EvaluationScope scope(at::kDouble);
  const auto subject = ladder_program("    return y @ b if bool(b[3] > 0) else y @ b * 2");
  Objective objective = ladder_objective(*subject);
  for (const double element : {1.5, 1.25, -1.0, -2.0})
    EXPECT_EQ(objective.replayed_at("b", 3, element), objective.at("b", 3, element)) << element;
}

TEST(Tape, RefusesAForwardThatWritesInPlace) {
  Recorded recorded({"", {3}, {3}, [](auto& x, auto& w) { return x.clone().mul_(w); }});
  EXPECT_EQ(recorded.objective->tape(), nullptr);
}

TEST(Tape, RefusesWhatReadsNumbersOfTheTensorAlone) {
  Recorded recorded(
      {"", {3}, {3}, [](auto& x, auto& w) { return x.sum().template item<double>() * w; }});
  const ForwardTape* tape = recorded.objective->tape();
  ASSERT_NE(tape, nullptr);
  EXPECT_FALSE(Replay(*tape, "x", recorded.objective->grad_output()).possible());
  EXPECT_TRUE(Replay(*tape, "w", recorded.objective->grad_output()).possible());
}

TEST(Tape, SeesThatTheOutputDoesNotDepend) {
  Recorded recorded({"", {3}, {3}, [](auto& x, auto&) { return x.exp(); }});
  const ForwardTape* tape = recorded.objective->tape();
  EXPECT_FALSE(Replay(*tape, "w", recorded.objective->grad_output()).depends());
  EXPECT_TRUE(Replay(*tape, "x", recorded.objective->grad_output()).depends());
}

// What reads memory behind LibTorch's back is found out, and evaluated whole.
TEST(CentralDifferences, HoldWhereNumbersAreReadOutOfMemory) {
  Recorded recorded({"", {6}, {6}, [](auto& x, auto& w) {
                       return (w * x.template data_ptr<double>()[5]).sum() + x.sum();
                     }});
  Objective& objective = *recorded.objective;
  const double g = objective.grad_output().item<double>();
  const double slope = (objective.value("w").sum().item<double>() + 1) * g;
  const auto differences = central_differences(objective, "x", {0, 1, 2, 3, 4, 5});
  EXPECT_NEAR(differences[5].slope.value, slope, 1e-8);
  EXPECT_NEAR(differences[0].slope.value, g, 1e-8);
}

TEST(CentralDifferences, AreThoseOfTheForward) {
  Recorded recorded({"", {6, 5}, {5, 7}, [](auto& x, auto& w) {
                       return at::log_softmax(at::mm(x.tanh(), w), 1).square().mean();
                     }});
  Objective& objective = *recorded.objective;
  std::vector<std::int64_t> all(35);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int64_t>(i);
  const auto differences = central_differences(objective, "w", all);
  for (const std::int64_t i : all) {
    const CentralDifference one = central_difference(objective, "w", i);
    const auto& other = differences[static_cast<std::size_t>(i)];
    EXPECT_NEAR(other.slope.value, one.slope.value, 4 * one.slope.error + 1e-9) << i;
    EXPECT_NEAR(other.bend, one.bend, 1e-4);
  }
}

}  // namespace
}  // namespace gradient_check
