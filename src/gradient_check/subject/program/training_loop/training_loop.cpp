#include "gradient_check/subject/program/training_loop/training_loop.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/DefaultDtype.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"
#include "gradient_check/subject/program/advice.h"
#include "gradient_check/subject/program/training_loop/loop_search.h"
#include "gradient_check/subject/program/training_loop/watched_run.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;
using python::Value;

/// Those of the updates, as they were read again, whose parameters the loss depends on.
std::vector<FollowedUpdate> updates_followed(const std::vector<ReadUpdate>& read,
                                             const std::vector<ReadUpdate>& first,
                                             const LossChoice& choice) {
  std::vector<FollowedUpdate> own;
  for (const ReadUpdate& update : read)
    for (std::size_t leaf = 0; leaf < first.size(); ++leaf)
      if (choice.depends_on(leaf) && first[leaf].location == update.location)
        own.push_back({update, leaf});
  return own;
}

std::vector<ReadUpdate> updates_of(const std::vector<FollowedUpdate>& followed) {
  std::vector<ReadUpdate> updates;
  for (const FollowedUpdate& each : followed) updates.push_back(each.update);
  return updates;
}

std::vector<python::Span> spans_of(const std::vector<ReadUpdate>& updates) {
  std::vector<python::Span> spans;
  for (const ReadUpdate& update : updates) spans.push_back(update.span);
  return spans;
}

}  // namespace

TrainingLoop::TrainingLoop(const Case& loaded, const EvaluatedProgram& program)
    : case_(loaded), program_(program), index_(program.tree()) {
  given_.arrays = program.gives_arrays();
  given_.seed = loaded.seed;
  for (const auto* tensors : {&loaded.inputs, &loaded.parameters})
    for (const auto& [name, tensor] : *tensors) given_.tensors.set(name, tensor);
}

void TrainingLoop::fail(python::Span span, const std::string& message) const {
  throw SubjectError(program_.place_of(span), message);
}

void TrainingLoop::rethrow(const python::ProgramError& error) const {
  throw program_.error_of(error);
}

std::unique_ptr<RunningLoop> TrainingLoop::started(const LoopIndex::Loop& loop,
                                                   const std::vector<std::int64_t>& turns) const {
  const at::ScalarType evaluated = c10::get_default_dtype_as_scalartype();
  python::WidenedTypes widened;
  if (evaluated == at::kDouble && case_.dtype != at::kDouble)
    widened.bytes = c10::elementSize(case_.dtype);
  RunningLoop::Extent extent;
  extent.turns = turns;
  return std::make_unique<RunningLoop>(program_.tree(), loop, given_, widened, extent);
}

void TrainingLoop::find() {
  std::optional<python::ProgramError> raised;
  for (const ast::NodeId id : loops_that_update(program_.tree(), index_, given_, raised))
    if (take_loop(*index_.loop(id))) return;
  if (raised) rethrow(*raised);
  if (!why_not_.empty()) fail(why_not_at_, why_not_);
  if (is_autograd_)
    throw SubjectError(std::nullopt,
                       "the training loop moves its parameters along PyTorch's own .grad: there is "
                       "no manual gradient to check");
  throw SubjectError(
      std::nullopt,
      "no training loop was found at the top level: none whose turns both compute a loss and "
      "update what it depends on (w -= lr * gradient)");
}

bool TrainingLoop::take_loop(const LoopIndex::Loop& loop, const std::vector<std::int64_t>& turns) {
  std::unique_ptr<RunningLoop> running;
  try {
    running = started(loop, turns);
  } catch (const python::ProgramError&) {
    return false;
  }
  if (running->turns().empty()) return false;
  loop_ = &loop;
  try {
    TurnKnowledge learned;
    running->rewind(0);
    std::vector<ReadUpdate> updates = read_updates(*running, {}, &learned);
    if (updates.empty()) return false;
    if (!index_.assigns_grad() &&
        std::all_of(updates.begin(), updates.end(),
                    [](const ReadUpdate& update) { return update.moved.of_autograd; })) {
      is_autograd_ = true;
      return false;
    }
    std::vector<at::Tensor> leaves;
    LossChoice choice(watch_losses(*running, updates, leaves), leaves);
    if (!choice.any()) return no_loss(*running, updates);
    // What no loss depends on is no parameter.
    learned.is_parameter.assign(running->locations().size(), false);
    for (std::size_t k = 0; k < updates.size(); ++k)
      if (choice.depends_on(k)) learned.is_parameter[updates[k].location] = true;
    running->rewind(0);
    const std::vector<FollowedUpdate> own =
        updates_followed(read_updates(*running, learned, nullptr), updates, choice);
    const std::string& wanted = case_.program->options.loss;
    choice.choose(own, wanted);
    if (wanted.empty() && choice.is_doubtful()) return no_named_loss(choice.chosen());
    loss_ = choice.chosen();
    other_losses_ = choice.others();
    note_parameters(*running, own, choice);
    update_statements_ = index_.statements_with(spans_of(updates_of(own)));
    turn_numbers_ = running->turns();
    note_unwritten(*running);
  } catch (const python::ProgramError& error) {
    rethrow(error);
  }
  Running& kept = running_[c10::get_default_dtype_as_scalartype()];
  kept.loop = std::move(running);
  return true;
}

bool TrainingLoop::no_loss(const RunningLoop& running, const std::vector<ReadUpdate>& updates) {
  if (!why_not_.empty() || !case_.program->options.loss.empty()) return false;
  why_not_at_ = loop_->statement->span;
  std::vector<std::string> names;
  for (const ReadUpdate& update : updates)
    names.push_back(running.locations()[update.location].name);
  why_not_ = fmt::format(
      "this loop updates {}, but no loss is computed from {}: say what is differentiated, "
      "such as \"program\": {{…, \"loss\": \"0.5 * ((y - output) ** 2).sum()\"}}",
      fmt::join(names, ", "), names.size() == 1 ? "it" : "them");
  return false;
}

bool TrainingLoop::no_named_loss(const LossSite& likeliest) {
  why_not_at_ = likeliest.span;
  why_not_ = fmt::format(
      "this loop updates its parameters, but nothing in it is called a loss, and its gradients "
      "are not those of '{}': say what is differentiated, such as \"program\": {{…, \"loss\": "
      "\"0.5 * ((y - output) ** 2).sum()\"}}",
      likeliest.text);
  return false;
}

void TrainingLoop::note_parameters(const RunningLoop& running,
                                   const std::vector<FollowedUpdate>& updates,
                                   const LossChoice& choice) {
  parameters_.clear();
  update_nodes_.clear();
  for (const auto& [update, leaf] : updates) {
    LoopParameter parameter;
    parameter.name = running.locations()[update.location].name;
    parameter.node = update.node->id;
    parameter.update = update.span;
    parameter.made_at = update.moved.made_at ? update.moved.made_at->span : update.span;
    parameter.through_state = update.moved.through_state;
    parameter.rate = update.moved.rate;
    parameter.ascends = update.moved.sign > 0 && choice.points_along(update.moved, leaf);
    update_nodes_.insert(parameter.node);
    parameters_.push_back(parameter);
  }
}

std::vector<ReadUpdate> TrainingLoop::read_updates(RunningLoop& running,
                                                   const TurnKnowledge& knowledge,
                                                   TurnKnowledge* learned) const {
  const at::AutoGradMode mode(index_.uses_autograd());
  const std::vector<Location> before = running.locations();
  UpdateReader reader(*loop_, given_, program_.tree(), index_, running.locations(), knowledge);
  now_ = &running;
  running.run(reader);
  running.learn_written();
  const std::vector<Location> after = find_locations(running.program(), running.frame());
  for (const Location& location : before)
    if (const python::Span at = reader.added_at(location.value); !at.empty())
      buffer_additions_.emplace(location.name, at);
  if (learned) {
    learned->replaced.assign(before.size(), false);
    learned->is_parameter.assign(before.size(), false);
    std::map<std::string, const Location*> now;
    for (const Location& location : after) now.emplace(location.name, &location);
    for (std::size_t i = 0; i < before.size(); ++i) {
      const auto found = now.find(before[i].name);
      learned->replaced[i] = found == now.end() || !found->second->value.same(before[i].value);
    }
  }
  return reader.updates(after);
}

std::vector<LossWatch::Seen> TrainingLoop::watch_losses(RunningLoop& running,
                                                        const std::vector<ReadUpdate>& updates,
                                                        std::vector<at::Tensor>& leaves) const {
  running.rewind(0);
  NamedTensors values;
  for (const ReadUpdate& update : updates) {
    const Location& location = running.locations()[update.location];
    leaves.push_back(floating_tensor(location.value).detach().clone().requires_grad_());
    values.set(location.name, leaves.back());
  }
  const at::AutoGradMode mode(true);
  set_values(running, values, true);
  LossWatch watch(*loop_, given_, program_.tree(), index_,
                  index_.statements_with(spans_of(updates)));
  now_ = &running;
  try {
    running.run(watch);
  } catch (const python::ProgramError&) {  // what comes after the loss may not like to be followed
  }
  std::vector<LossWatch::Seen> seen = watch.seen();
  const std::string& wanted = case_.program->options.loss;
  const bool named = std::any_of(seen.begin(), seen.end(), [&](const LossWatch::Seen& each) {
    return each.site.name == wanted;
  });
  if (wanted.empty() || named) return seen;
  LossSite site;
  site.text = wanted;
  site.is_expression = true;
  const at::Tensor value =
      running.program().reported([&] { return scalar_in(evaluate_text(running.frame(), wanted)); });
  if (!value.defined() || !value.requires_grad())
    fail(loop_->statement->span,
         fmt::format("the loss '{}' is no floating number that depends on what this loop updates",
                     wanted));
  return {{site, value, true}};
}

void TrainingLoop::set_values(RunningLoop& running, const NamedTensors& values, bool follow) const {
  for (const auto& [name, tensor] : values)
    for (const Location& location : running.locations())
      if (location.name == name) {
        if (follow)
          put_followed(location, tensor, program_.gives_arrays());
        else
          put_value(location, tensor);
        break;
      }
}

void TrainingLoop::note_unwritten(const RunningLoop& running) {
  for (const RawMemory& raw : running.raw_memory()) {
    for (const Location& location : running.locations()) {
      const at::Tensor tensor = tensor_in(location.value);
      // As it was drawn: a turn that has gone back holds what the program had before it.
      if (!same_elements(tensor, raw.tensor)) continue;
      unwritten_.push_back({location.name,
                            std::string(program_.tree().source->text(raw.call->span)),
                            raw.call->span});
      break;
    }
  }
}

TrainingLoop::Running& TrainingLoop::running() const {
  Running& running = running_[c10::get_default_dtype_as_scalartype()];
  if (!running.loop) {
    try {
      running.loop = started(*loop_, turn_numbers_);
    } catch (const python::ProgramError& error) {
      rethrow(error);
    }
  }
  return running;
}

const TurnKnowledge& TrainingLoop::knowledge(Running& running, std::size_t turn) const {
  const auto found = running.knowledge.find(turn);
  if (found != running.knowledge.end()) return found->second;
  TurnKnowledge learned;
  running.loop->rewind(turn);
  read_updates(*running.loop, {}, &learned);
  const auto& locations = running.loop->locations();
  for (std::size_t i = 0; i < locations.size(); ++i)
    for (const LoopParameter& parameter : parameters_)
      if (parameter.name == locations[i].name) learned.is_parameter[i] = true;
  return running.knowledge.emplace(turn, std::move(learned)).first->second;
}

NamedTensors TrainingLoop::point(std::size_t turn) const {
  Running& all = running();
  all.loop->rewind(turn);
  NamedTensors values;
  for (const LoopParameter& parameter : parameters_)
    for (const Location& location : all.loop->locations())
      if (location.name == parameter.name)
        values.set(parameter.name,
                   floating_tensor(location.value).detach().clone().to(case_.dtype));
  return values;
}

void TrainingLoop::find_like(const TrainingLoop& other, std::size_t turn) {
  const auto at = static_cast<std::size_t>(other.loop_ - other.index_.loops().data());
  if (at >= index_.loops().size() || !take_loop(index_.loops()[at], {other.turn_numbers_.at(turn)}))
    throw SubjectError(std::nullopt, "the edited loop is no training loop");
  for (std::size_t i = 0; i < parameters_.size() && i < other.parameters_.size(); ++i)
    if (parameters_[i].name == other.parameters_[i].name)
      parameters_[i].ascends = other.parameters_[i].ascends;
}

at::Tensor TrainingLoop::forward(const NamedTensors& values, std::size_t turn) const {
  return followed(values, turn, outside_);
}

at::Tensor TrainingLoop::followed(const NamedTensors& values, std::size_t turn,
                                  python::Observer* outside) const {
  RunningLoop& loop = *running().loop;
  loop.rewind(turn);
  set_values(loop, values, true);
  LossWatch watch(*loop_, given_, program_.tree(), index_, update_statements_);
  watch.expect(loss_);
  now_ = &loop;
  WatchedRun watched(watch, outside);
  try {
    loop.run(watched);
    if (loss_.is_expression && !watch.loss().defined()) {
      const at::Tensor loss = loop.program().reported(
          [&] { return scalar_in(evaluate_text(loop.frame(), loss_.text)); });
      if (loss.defined()) return loss;
    }
  } catch (const LossWatch::Reached&) {
  } catch (const python::ProgramError& error) {
    if (!watch.loss().defined()) rethrow(error);
  }
  if (watch.loss().defined()) return watch.loss();
  fail(loss_.is_expression ? loop_->statement->span : loss_.span,
       loss_.is_expression ? fmt::format("the loss '{}' is no floating number", loss_.text)
                           : fmt::format("turn {} of the loop computes no loss '{}'",
                                         turn_numbers_.at(turn), loss_.text));
}

TurnResult TrainingLoop::manual(const NamedTensors& values, std::size_t turn,
                                const std::set<std::string>& held) const {
  Running& all = running();
  RunningLoop& loop = *all.loop;
  const TurnKnowledge& known = knowledge(all, turn);
  loop.rewind(turn);
  set_values(loop, values, false);
  UpdateReader reader(*loop_, given_, program_.tree(), index_, loop.locations(), known);
  std::set<std::size_t> awaited;
  for (const LoopParameter& parameter : parameters_)
    awaited.insert(location_index(loop, parameter.name));
  reader.restrict_to(update_nodes_, awaited);
  std::map<std::size_t, at::Tensor> kept;
  for (const std::string& name : held) kept.emplace(location_index(loop, name), values[name]);
  reader.hold(std::move(kept));
  if (!loss_.is_expression) reader.note_loss(loss_);
  now_ = &loop;
  const at::AutoGradMode mode(index_.uses_autograd());
  WatchedRun watched(reader, outside_);
  try {
    loop.run(watched);
  } catch (const UpdateReader::AllRead&) {
  } catch (const python::ProgramError& error) {
    rethrow(error);
  }
  TurnResult result;
  for (const LoopParameter& parameter : parameters_) {
    const ReadUpdate* update = reader.update_of(location_index(loop, parameter.name));
    if (!update) continue;
    at::Tensor gradient = gradient_of(update->moved);
    if (parameter.ascends) gradient = -gradient;
    result.gradients.set(parameter.name, shaped(gradient, values[parameter.name]));
  }
  result.loss = reader.loss();
  if (!result.loss.defined()) result.loss = followed(values, turn, nullptr).detach();
  return result;
}

std::size_t TrainingLoop::location_index(const RunningLoop& running,
                                         const std::string& name) const {
  const auto& locations = running.locations();
  for (std::size_t i = 0; i < locations.size(); ++i)
    if (locations[i].name == name) return i;
  return locations.size();
}

std::optional<RunningPlace> TrainingLoop::running_place() const {
  if (!now_) return std::nullopt;
  return program_.running_place(now_->interpreter());
}

}  // namespace gradient_check
