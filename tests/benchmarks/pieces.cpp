// The inner pieces, one by one: Google Benchmark.
#include <ATen/ATen.h>
#include <benchmark/benchmark.h>

#include "gradient_check/comparison/certificate.h"
#include "gradient_check/gradient/central_sweep.h"
#include "gradient_check/gradient/evaluations.h"
#include "gradient_check/gradient/replay/replay.h"
#include "gradient_check/subject/cpp/function_subject.h"
#include "gradient_check/subject/evaluation_scope.h"

namespace {

using namespace gradient_check;

/// 64-256-256-10 with tanh, batch 32.
struct Perceptron {
  Perceptron()
      : scope(at::kDouble),
        subject(
            [](const NamedTensors& t) {
              const at::Tensor hidden = at::mm(at::mm(t["x"], t["w1"]).tanh(), t["w2"]).tanh();
              return at::log_softmax(at::mm(hidden, t["w3"]), 1).select(1, 0).mean().neg();
            },
            nullptr, {}, {}) {
    at::manual_seed(1);
    values = {{"x", at::randn({32, 64}, at::kDouble)},
              {"w1", at::randn({64, 256}, at::kDouble) / 8},
              {"w2", at::randn({256, 256}, at::kDouble) / 16},
              {"w3", at::randn({256, 10}, at::kDouble) / 16}};
    objective.emplace(subject, values, std::vector<std::string>{"w1", "w2", "w3"},
                      at::ones({}, at::kDouble), EvaluationManner{});
  }
  EvaluationScope scope;
  FunctionSubject subject;
  NamedTensors values;
  std::optional<Objective> objective;
};

void forward_whole(benchmark::State& state) {
  Perceptron net;
  for (auto _ : state) benchmark::DoNotOptimize((*net.objective)());
}
BENCHMARK(forward_whole);

void one_entry_replayed(benchmark::State& state, const char* name) {
  Perceptron net;
  Replay replay(*net.objective->tape(), name, net.objective->grad_output());
  const std::int64_t count = net.values[name].numel();
  std::int64_t i = 0;
  const at::NoGradGuard no_grad;
  for (auto _ : state) benchmark::DoNotOptimize(replay.at(i++ % count, 0.5));
}
BENCHMARK_CAPTURE(one_entry_replayed, first_layer, "w1");
BENCHMARK_CAPTURE(one_entry_replayed, second_layer, "w2");
BENCHMARK_CAPTURE(one_entry_replayed, third_layer, "w3");

void record_forward_once(benchmark::State& state) {
  Perceptron net;
  for (auto _ : state) benchmark::DoNotOptimize(record_forward(net.subject, net.values));
}
BENCHMARK(record_forward_once);

void ridders_of_one_element(benchmark::State& state) {
  Perceptron net;
  for (auto _ : state) benchmark::DoNotOptimize(ridders(*net.objective, "w2", 77));
}
BENCHMARK(ridders_of_one_element);

void central_differences_of_1000(benchmark::State& state) {
  Perceptron net;
  std::vector<std::int64_t> indices(1000);
  for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = static_cast<std::int64_t>(i);
  for (auto _ : state) benchmark::DoNotOptimize(central_differences(*net.objective, "w2", indices));
}
BENCHMARK(central_differences_of_1000)->UseRealTime();

void certificate(benchmark::State& state) {
  Perceptron net;
  const NamedTensors gradients = run_autograd(net.subject, net.values, {"w1", "w2", "w3"},
                                              at::ones({}, at::kDouble), at::kDouble)
                                     .gradients;
  for (auto _ : state)
    benchmark::DoNotOptimize(
        certify(*net.objective, gradients, {{"w1", 1e-12}, {"w2", 1e-12}, {"w3", 1e-12}}, 1));
}
BENCHMARK(certificate);

}  // namespace

BENCHMARK_MAIN();
