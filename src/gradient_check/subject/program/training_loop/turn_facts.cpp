#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/subject/evaluation_scope.h"
#include "gradient_check/subject/program/training_loop/training_loop.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;

/// Part of a gradient's norm by which it may differ from autograd's in float64.
constexpr double right_to = 1e-6;
/// A loop is watched for so many turns, and for about so long.
constexpr std::int64_t most_turns = 10000;
constexpr double training_seconds = 4;

double length_of(const at::Tensor& tensor) {
  return std::sqrt(tensor.square().sum().item().toDouble());
}

bool is_right(const at::Tensor& manual, const at::Tensor& truth) {
  if (manual.sizes() != truth.sizes()) return false;
  const at::Tensor wide = manual.detach().to(at::kDouble);
  return length_of(wide - truth) <= right_to * std::max(length_of(wide), length_of(truth));
}

}  // namespace

LoopFacts::Deed TrainingLoop::deed(const std::string& name, python::Span span) const {
  return {name, program_.place_of(span), std::string(program_.tree().source->text(span))};
}

NamedTensors TrainingLoop::truth_at(const NamedTensors& values, std::size_t turn) const {
  const at::AutoGradMode mode(true);
  NamedTensors followed;
  std::vector<at::Tensor> leaves;
  for (const auto& [name, tensor] : values) {
    leaves.push_back(tensor.detach().clone().requires_grad_());
    followed.set(name, leaves.back());
  }
  const at::Tensor loss = forward(followed, turn);
  NamedTensors truth;
  if (!loss.requires_grad()) return truth;
  const auto gradients = torch::autograd::grad({loss}, leaves, {}, false, false, true);
  for (std::size_t i = 0; i < leaves.size(); ++i)
    if (gradients[i].defined()) truth.set(parameters_[i].name, gradients[i]);
  return truth;
}

std::set<std::string> TrainingLoop::wrong_gradients(const NamedTensors& values,
                                                    const NamedTensors& truth, std::size_t turn,
                                                    const std::set<std::string>& held) const {
  const at::AutoGradMode mode(false);
  const TurnResult made = manual(values, turn, held);
  std::set<std::string> wrong;
  for (const auto& [name, gradient] : truth) {
    const at::Tensor* own = made.gradients.find(name);
    if (!own || !is_right(*own, gradient)) wrong.insert(name);
  }
  return wrong;
}

void TrainingLoop::find_early(const NamedTensors& values, const NamedTensors& truth,
                              std::size_t turn, LoopFacts& facts) const {
  const std::set<std::string> wrong = wrong_gradients(values, truth, turn, {});
  if (wrong.empty()) return;
  for (const LoopParameter& parameter : parameters_) {
    LoopFacts::Early early{deed(parameter.name, parameter.update), {}};
    const std::set<std::string> still = wrong_gradients(values, truth, turn, {parameter.name});
    for (const std::string& name : wrong)
      if (!still.count(name)) early.spoiled.push_back(name);
    if (!early.spoiled.empty()) facts.early.push_back(std::move(early));
  }
}

void TrainingLoop::find_kept(const NamedTensors& values, const NamedTensors& truth,
                             std::size_t turn, LoopFacts& facts) const {
  const std::set<std::string> wrong = wrong_gradients(values, truth, turn, {});
  if (wrong.empty()) return;
  const NamedTensors made = manual(values, turn).gradients;
  RunningLoop& loop = *running().loop;
  loop.rewind(turn);
  for (const std::string& name : wrong) {
    for (const Location& location : loop.locations()) {
      const at::Tensor held = floating_tensor(location.value);
      if (!held.defined() || held.sizes() != made[name].sizes() || location.name == name) continue;
      const at::Tensor wide = held.detach().to(at::kDouble);
      if (length_of(wide) == 0 || !is_right(made[name].to(at::kDouble) - wide, truth[name]))
        continue;
      python::Span at;
      for (const LoopParameter& parameter : parameters_)
        if (parameter.name == name)
          at = buffer_additions_.count(location.name) ? buffer_additions_.at(location.name)
                                                      : parameter.made_at;
      facts.kept.push_back({deed(location.name, at), name, turn_numbers_.at(turn) + 1});
      break;
    }
  }
}

std::int64_t TrainingLoop::turns_to_make() const {
  const auto* each = loop_->statement->as<ast::For>();
  if (!each) return most_turns;
  try {
    RunningLoop& loop = *running().loop;
    loop.rewind(0);
    const python::Value iterable = loop.program().reported([&] {
      return evaluate_text(loop.frame(),
                           std::string(program_.tree().source->text(each->iter->span)));
    });
    if (iterable.is(python::Kind::range))
      return std::min(most_turns, iterable.as<python::Range>().length());
  } catch (const python::ProgramError&) {
  }
  return most_turns;
}

/// Where each turn takes one step of plain gradient descent on the same data.
std::optional<TrainOptions> TrainingLoop::plain_training() const {
  for (const LoopParameter& parameter : parameters_)
    if (!parameter.rate || parameter.ascends || *parameter.rate != parameters_.front().rate)
      return std::nullopt;
  if (parameters_.empty() || turn_numbers_.size() < 2 || loss_.is_expression) return std::nullopt;
  const double rate = *parameters_.front().rate;
  const EvaluationScope scope(case_.dtype);
  const NamedTensors before = point(0), after = point(1);
  const auto begun = std::chrono::steady_clock::now();
  const NamedTensors gradients = manual(before, 0).gradients;
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  for (const auto& [name, tensor] : before) {
    const at::Tensor* gradient = gradients.find(name);
    if (!gradient || gradient->sizes() != tensor.sizes()) return std::nullopt;
    const at::Tensor moved = (tensor - *gradient * rate - after[name]).to(at::kDouble);
    const double size = length_of(tensor.to(at::kDouble)) + length_of(gradient->to(at::kDouble));
    if (!(length_of(moved) <= 1e-5 * size)) return std::nullopt;
  }
  const std::size_t last = turn_numbers_.size() - 1;
  const double first_loss = forward(point(last), 0).item().toDouble();
  const double own_loss = forward(point(last), last).item().toDouble();
  if (!(std::abs(first_loss - own_loss) <= 1e-5 * std::abs(own_loss))) return std::nullopt;
  TrainOptions options;
  options.learning_rate = rate;
  options.steps = std::min(turns_to_make(), static_cast<std::int64_t>(training_seconds / seconds));
  return options.steps > 0 ? std::optional(options) : std::nullopt;
}

std::shared_ptr<const LoopFacts> TrainingLoop::facts(std::size_t& turn) const {
  auto facts = std::make_shared<LoopFacts>();
  for (const Unwritten& each : unwritten_)
    facts->unwritten.push_back({each.name, program_.place_of(each.span), each.call});
  for (const LoopParameter& parameter : parameters_)
    if (parameter.ascends) facts->ascending.push_back(deed(parameter.name, parameter.update));
  facts->loss = loss_.text;
  facts->other_losses = other_losses_;
  turn = 0;
  for (std::size_t t = 0; t < turn_numbers_.size(); ++t) {
    NamedTensors values;
    for (const auto& [name, tensor] : point(t)) values.set(name, tensor.to(at::kDouble));
    NamedTensors truth;
    try {
      truth = truth_at(values, t);
    } catch (const SubjectError&) {
      if (t == 0) throw;
      continue;  // a turn that computes no loss
    }
    if (wrong_gradients(values, truth, t, {}).empty()) continue;
    turn = t;
    find_early(values, truth, t, *facts);
    if (t > 0) find_kept(values, truth, t, *facts);
    break;
  }
  facts->turn = turn_numbers_.at(turn) + 1;
  facts->training = plain_training();
  return facts;
}

}  // namespace gradient_check
