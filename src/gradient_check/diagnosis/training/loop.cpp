#include "gradient_check/diagnosis/training/loop.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/ones.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "gradient_check/diagnosis/tape/values.h"
#include "gradient_check/diagnosis/training/batches.h"
#include "gradient_check/gradient/evaluation.h"
#include "gradient_check/subject/evaluation_scope.h"

namespace gradient_check {
namespace {

using Clock = std::chrono::steady_clock;

/// After an infinite loss, a nan is waited for during as many steps again, and these.
constexpr std::int64_t patience = 1000;
constexpr std::int64_t snapshot_interval = 1024;

struct Step {
  double loss = 0;
  NamedTensors gradients;
};

/// A loop that makes one step at a time.
class Trainer {
 public:
  Trainer(const TrainingPoint& point, const TrainOptions& options)
      : point_(point),
        subject_(point.subject),
        options_(options),
        optimizer_(options),
        scope_(point.dtype, options.gradient == TrainOptions::Gradient::autograd),
        batches_(in_dtype(point.subject.inputs()), options) {
    parameters_ = in_dtype(point.subject.parameters());
    one_ = at::ones({}, at::TensorOptions().dtype(point.dtype));
    seed_generator(point.seed);
  }

  /// What the next evaluation is given.
  const NamedTensors& prepare() {
    values_ = batches_.next();
    for (const auto& [name, parameter] : parameters_) values_.set(name, parameter);
    return values_;
  }

  Step evaluate() {
    return options_.gradient == TrainOptions::Gradient::manual ? manual() : autograd();
  }

  void update(const NamedTensors& gradients) {
    const at::NoGradGuard no_grad;
    optimizer_.step(parameters_, gradients);
  }

  const NamedTensors& parameters() const { return parameters_; }

  TrainingSnapshot save(std::int64_t step) const {
    return {step, clone(parameters_), optimizer_.copy(), batches_.copy(),
            at::detail::getDefaultCPUGenerator().get_state()};
  }

  void restore(const TrainingSnapshot& snapshot) {
    parameters_ = clone(snapshot.parameters);
    optimizer_ = snapshot.optimizer.copy();
    batches_ = snapshot.batches.copy();
    at::Generator generator = at::detail::getDefaultCPUGenerator();
    generator.set_state(snapshot.generator);
  }

 private:
  NamedTensors in_dtype(const NamedTensors& tensors) const {
    NamedTensors result;
    for (const auto& [name, tensor] : tensors)
      result.set(name, tensor.detach()
                           .to(tensor.is_floating_point() ? point_.dtype : tensor.scalar_type(),
                               false, true)
                           .contiguous());
    return result;
  }

  Step manual() {
    ManualResult result = subject_.manual(values_, one_);
    expect_loss(result.output);
    for (const auto& [name, parameter] : parameters_) {
      const at::Tensor* gradient = result.gradients.find(name);
      if (!gradient || !gradient->defined())
        throw SubjectError(point_.subject.gradient_place(name),
                           fmt::format("cannot train: there is no gradient of {}", name));
      if (gradient->sizes() != parameter.sizes())
        throw SubjectError(
            point_.subject.gradient_place(name),
            fmt::format("cannot train: the gradient of {} has shape [{}], the parameter [{}]", name,
                        fmt::join(gradient->sizes(), ", "), fmt::join(parameter.sizes(), ", ")));
    }
    return {result.output.item().toDouble(), std::move(result.gradients)};
  }

  Step autograd() {
    std::vector<at::Tensor> leaves;
    NamedTensors arguments = values_;
    for (const auto& [name, parameter] : parameters_) {
      leaves.push_back(parameter.detach().requires_grad_());
      arguments.set(name, leaves.back());
    }
    const at::Tensor output = subject_.forward(arguments);
    expect_loss(output);
    Step step{output.detach().item().toDouble(), {}};
    if (!output.requires_grad()) return step;
    const auto gradients =
        torch::autograd::grad({output}, leaves, {one_.reshape(output.sizes())}, false, false, true);
    std::size_t i = 0;
    for (const auto& [name, parameter] : parameters_) step.gradients.set(name, gradients[i++]);
    return step;
  }

  void expect_loss(const at::Tensor& output) const {
    if (output.numel() == 1) return;
    throw SubjectError(point_.subject.forward_place(),
                       fmt::format("training needs a loss of one element, found shape [{}]",
                                   fmt::join(output.sizes(), ", ")));
  }

  const TrainingPoint& point_;
  const Subject& subject_;
  TrainOptions options_;
  Optimizer optimizer_;
  EvaluationScope scope_;
  Batches batches_;
  NamedTensors parameters_, values_;
  at::Tensor one_;
};

/// The first of the tensors that is not finite, by name; empty where all are.
std::string first_bad(const NamedTensors& tensors) {
  for (const auto& [name, tensor] : tensors)
    if (tensor.defined() && has_non_finite(tensor)) return name;
  return "";
}

/// One step more than asked for.
void look_ahead(Trainer& trainer, const NamedTensors& gradients, TrainingRun& run) {
  trainer.update(gradients);
  run.next = first_bad(trainer.parameters());
  run.next_of_update = !run.next.empty();
  if (run.next_of_update) return;
  try {
    trainer.prepare();
    const Step next = trainer.evaluate();
    if (!std::isfinite(next.loss))
      run.next = "the loss";
    else if (const std::string bad = first_bad(next.gradients); !bad.empty())
      run.next = "the gradient of " + bad;
  } catch (const std::exception&) {
    // A step that nobody asked for may not spoil the run.
  }
}

}  // namespace

TrainingRun train(const TrainingPoint& point, const TrainOptions& options,
                  const RunLimits& limits) {
  const auto start = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  Trainer trainer(point, options);
  TrainingRun run;
  run.losses.reserve(static_cast<std::size_t>(std::min<std::int64_t>(options.steps, 1'000'000)));
  std::int64_t last = options.steps;
  const auto fail = [&](std::int64_t step, std::string what) {
    if (run.first_non_finite) return;
    run.first_non_finite = step;
    run.what = std::move(what);
  };
  std::shared_ptr<const TrainingSnapshot> newest;
  for (std::int64_t step = 0; step <= last; ++step) {
    // The one before the newest is kept: what is asked for may lie some steps back.
    if (limits.watch && step % snapshot_interval == 0 && run.finite()) {
      run.snapshot = newest;
      newest = std::make_shared<TrainingSnapshot>(trainer.save(step));
    }
    trainer.prepare();
    const Step made = trainer.evaluate();
    run.losses.push_back(made.loss);
    if (!limits.watch) {
      if (step < last) trainer.update(made.gradients);
      continue;
    }
    if (!std::isfinite(made.loss)) {
      fail(step, "the loss");
      if (std::isnan(made.loss)) run.first_nan = step;
      if (std::isnan(made.loss) || !limits.to_nan) break;
      last = std::min(last, 2 * *run.first_non_finite + patience);
    }
    if (const std::string bad = first_bad(made.gradients); !bad.empty()) {
      fail(step, "the gradient of " + bad);
      break;
    }
    if (step == last) {
      if (limits.look_ahead && run.finite()) look_ahead(trainer, made.gradients, run);
      break;
    }
    trainer.update(made.gradients);
    if (const std::string bad = first_bad(trainer.parameters()); !bad.empty()) {
      if (!run.first_non_finite) run.of_update = true;
      fail(step, bad);
      break;
    }
    if (step > 0 && step % 64 == 0 && elapsed() > limits.seconds) {
      run.out_of_time = true;
      break;
    }
  }
  run.seconds = elapsed();
  return run;
}

NamedTensors values_at(const TrainingPoint& point, const TrainOptions& options,
                       const TrainingRun& run, std::int64_t step) {
  Trainer trainer(point, options);
  std::int64_t at = 0;
  if (run.snapshot && run.snapshot->step <= step) {
    trainer.restore(*run.snapshot);
    at = run.snapshot->step;
  }
  for (; at < step; ++at) {
    trainer.prepare();
    trainer.update(trainer.evaluate().gradients);
  }
  return clone(trainer.prepare());
}

}  // namespace gradient_check
