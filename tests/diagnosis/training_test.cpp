#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/diag.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/sgd.h>

#include "gradient_check/diagnosis/training/batches.h"
#include "gradient_check/diagnosis/training/counterfactuals.h"
#include "gradient_check/diagnosis/training/curvature.h"
#include "gradient_check/diagnosis/training/loop.h"
#include "gradient_check/diagnosis/training/optimizer.h"
#include "gradient_check/gradient/evaluation.h"
#include "gradient_check/subject/cpp/function_subject.h"

namespace gradient_check {
namespace {

/// Five updates by ours and by LibTorch's, with the same gradients.
void expect_same_updates(const TrainOptions& options, torch::optim::Optimizer& peer,
                         at::Tensor& peers_parameter) {
  NamedTensors parameters{{"w", peers_parameter.detach().clone()}};
  Optimizer optimizer(options);
  for (int i = 0; i < 5; ++i) {
    const at::Tensor gradient = at::randn(peers_parameter.sizes(), at::kDouble);
    peers_parameter.mutable_grad() = gradient.clone();
    peer.step();
    optimizer.step(parameters, {{"w", gradient}});
    EXPECT_LT((parameters["w"] - peers_parameter.detach()).abs().max().item<double>(), 1e-12);
  }
}

TEST(Optimizer, SgdIsLibTorchs) {
  for (const bool nesterov : {false, true}) {
    at::Tensor w = at::randn({3, 2}, at::kDouble).requires_grad_();
    TrainOptions options;
    options.learning_rate = 0.1;
    options.momentum = 0.9;
    options.nesterov = nesterov;
    options.weight_decay = 0.01;
    torch::optim::SGD peer(
        {w}, torch::optim::SGDOptions(0.1).momentum(0.9).nesterov(nesterov).weight_decay(0.01));
    expect_same_updates(options, peer, w);
  }
}

TEST(Optimizer, AdamIsLibTorchs) {
  at::Tensor w = at::randn({3, 2}, at::kDouble).requires_grad_();
  TrainOptions options;
  options.optimizer = TrainOptions::Optimizer::adam;
  options.learning_rate = 0.1;
  options.weight_decay = 0.01;
  torch::optim::Adam peer({w}, torch::optim::AdamOptions(0.1).weight_decay(0.01));
  expect_same_updates(options, peer, w);
}

TEST(Optimizer, AdamWIsLibTorchs) {
  at::Tensor w = at::randn({3, 2}, at::kDouble).requires_grad_();
  TrainOptions options;
  options.optimizer = TrainOptions::Optimizer::adamw;
  options.learning_rate = 0.1;
  options.weight_decay = 0.02;
  torch::optim::AdamW peer({w}, torch::optim::AdamWOptions(0.1).weight_decay(0.02));
  expect_same_updates(options, peer, w);
}

/// ½ Σ λ_i x_i²: its Hessian has the eigenvalues λ, its gradient is λ x.
FunctionSubject quadratic() {
  return FunctionSubject(
      [](const NamedTensors& t) { return 0.5 * (t["lambda"] * t["x"] * t["x"]).sum(); },
      [](const NamedTensors& t, const at::Tensor& g) {
        return NamedTensors{{"x", t["lambda"] * t["x"] * g}};
      },
      {{"x", at::tensor({1.0, -2.0, 0.5}, at::kDouble)}},
      {{"lambda", at::tensor({1.0, 7.0, 30.0}, at::kDouble)}});
}

TEST(Curvature, IsTheLargestEigenvalue) {
  const FunctionSubject subject = quadratic();
  const auto found = largest_curvature(subject, values_in(subject, at::kDouble), 0);
  ASSERT_TRUE(found.has_value());
  EXPECT_NEAR(*found, 30, 0.01);
}

TEST(Loop, DescendsAQuadraticAsItsClosedFormSays) {
  const FunctionSubject subject = quadratic();
  TrainOptions options;
  options.steps = 4;
  options.learning_rate = 0.01;
  const TrainingRun run = train({subject, at::kDouble, 0}, options);
  ASSERT_EQ(run.losses.size(), 5U);
  for (int k = 0; k < 5; ++k) {
    double expected = 0;
    for (const auto& [lambda, x] : {std::pair{1.0, 1.0}, {7.0, -2.0}, {30.0, 0.5}})
      expected += 0.5 * lambda * std::pow(x * std::pow(1 - 0.01 * lambda, k), 2);
    EXPECT_NEAR(run.losses[static_cast<std::size_t>(k)], expected, 1e-12);
  }
}

TEST(Loop, TellsTheFirstStepThatIsNotFinite) {
  const FunctionSubject subject = quadratic();
  TrainOptions options;
  options.steps = 5000;
  options.learning_rate = 0.1;  // 2 / 30 is the bound: |1 - 0.1 · 30| = 2 per step
  const TrainingRun run = train({subject, at::kDouble, 0}, options);
  ASSERT_TRUE(run.first_non_finite.has_value());
  // 30 · (0.5 · 2^k)², summed before it is halved, exceeds 1.8e308 first at k = 511.
  EXPECT_EQ(*run.first_non_finite, 511);
  const NamedTensors before = values_at({subject, at::kDouble, 0}, options, run, 510);
  EXPECT_TRUE(is_finite(before["x"]));
}

// One step before the end of the test above: all is finite still, and the next step is not.
TEST(Loop, LooksOneStepAhead) {
  const FunctionSubject subject = quadratic();
  TrainOptions options;
  options.learning_rate = 0.1;
  RunLimits limits;
  limits.look_ahead = true;
  options.steps = 510;
  const TrainingRun run = train({subject, at::kDouble, 0}, options, limits);
  EXPECT_TRUE(run.finite());
  EXPECT_EQ(run.losses.size(), 511U);
  EXPECT_EQ(run.next, "the loss");
  EXPECT_FALSE(run.next_of_update);
  options.steps = 509;
  EXPECT_EQ(train({subject, at::kDouble, 0}, options, limits).next, "");
}

// The run above dies at step 511; at a tenth of its rate it never does. A run of it that has no
// time ends at step 64, where nothing can be told; where the given run is dead by then, it can.
TEST(Counterfactuals, TellNothingBeforeTheTroublesStep) {
  const FunctionSubject subject = quadratic();
  const TrainingPoint point{subject, at::kDouble, 0};
  TrainingEvidence evidence;
  evidence.options.steps = 5000;
  const auto slower = [&](double rate, double seconds) {
    evidence.options.learning_rate = rate;
    evidence.run = train(point, evidence.options);
    evidence.counterfactuals = run_counterfactuals(point, evidence, nullptr, seconds);
    return *evidence.find(Counterfactual::Change::smaller_rate);
  };
  const Counterfactual whole = slower(0.1, 1e9);
  EXPECT_TRUE(whole.cures);
  EXPECT_EQ(whole.run.losses.size(), 5001U);
  // By step 64 the given run's loss has risen 4^64 times: a descent so far tells.
  const Counterfactual cut = slower(0.1, 0);
  EXPECT_EQ(cut.run.losses.size(), 65U);
  EXPECT_TRUE(cut.cures);
  // |1 - 1e6 · 30| per step: dead at step 21 or so; at a tenth of it as well, but later.
  EXPECT_TRUE(slower(1e6, 0).delays);
}

// The loss log x falls until x² = 1 - 2 · rate · step is none, at step 250 or so: nothing is to be
// seen at step 64, and a run that ends there tells nothing.
TEST(Counterfactuals, OfARunThatFallsUntilItDiesTellNothingBefore) {
  const FunctionSubject subject([](const NamedTensors& t) { return t["x"].log().sum(); },
                                [](const NamedTensors& t, const at::Tensor& g) {
                                  return NamedTensors{{"x", g / t["x"]}};
                                },
                                {{"x", at::tensor({1.0}, at::kDouble)}}, {});
  const TrainingPoint point{subject, at::kDouble, 0};
  TrainingEvidence evidence;
  evidence.options.steps = 1000;
  evidence.options.learning_rate = 0.002;
  evidence.run = train(point, evidence.options);
  ASSERT_TRUE(evidence.run.first_non_finite.has_value());
  ASSERT_GT(*evidence.run.first_non_finite, 100);
  for (const Counterfactual& other : run_counterfactuals(point, evidence, nullptr, 0)) {
    EXPECT_TRUE(other.undecided) << other.text;
    EXPECT_FALSE(other.cures) << other.text;
    EXPECT_FALSE(other.delays) << other.text;
  }
}

// A loss that rises is in trouble all along: a descent that is cut short tells that it does not.
TEST(Counterfactuals, OfALossThatRisesTellWhenCutShort) {
  const FunctionSubject subject = quadratic();
  const TrainingPoint point{subject, at::kDouble, 0};
  TrainingEvidence evidence;
  evidence.options.steps = 100;
  evidence.options.learning_rate = 0.07;  // |1 - 0.07 · 30| = 1.1 per step
  evidence.run = train(point, evidence.options);
  ASSERT_TRUE(rises(evidence.run));
  for (const Counterfactual& other : run_counterfactuals(point, evidence, nullptr, 0)) {
    EXPECT_TRUE(other.run.out_of_time) << other.text;
    EXPECT_EQ(other.cures, other.change == Counterfactual::Change::smaller_rate) << other.text;
  }
}

TEST(Batches, CutRowsAndShuffle) {
  const NamedTensors inputs{{"x", at::arange(5, at::kDouble)},
                            {"scale", at::randn({}, at::kDouble)}};
  TrainOptions options;
  options.batch_size = 2;
  Batches plain(inputs, options);
  EXPECT_EQ(plain.next()["x"].sum().item<double>(), 1);
  EXPECT_EQ(plain.next()["x"].sum().item<double>(), 5);
  EXPECT_EQ(plain.next()["x"].size(0), 1);
  EXPECT_EQ(plain.next()["x"].sum().item<double>(), 1);
  options.shuffle = true;
  options.shuffle_seed = 3;
  Batches shuffled(inputs, options), again(inputs, options);
  double sum = 0;
  for (int i = 0; i < 3; ++i) {
    const at::Tensor rows = shuffled.next()["x"];
    EXPECT_TRUE(rows.equal(again.next()["x"]));
    sum += rows.sum().item<double>();
  }
  EXPECT_EQ(sum, 10);
}

}  // namespace
}  // namespace gradient_check
