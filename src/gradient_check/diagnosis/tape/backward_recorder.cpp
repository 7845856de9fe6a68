#include "gradient_check/diagnosis/tape/backward_recorder.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/edge.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <cmath>
#include <functional>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "gradient_check/diagnosis/tape/cause.h"
#include "gradient_check/diagnosis/tape/recorder.h"
#include "gradient_check/diagnosis/tape/values.h"

namespace gradient_check {

using torch::autograd::Node;

struct BackwardRecorder::State {
  at::Tensor output;
  std::unordered_map<const Node*, std::size_t> makers;  ///< the operation of the forward
  std::unordered_set<const Node*> elementwise;          ///< nodes whose operation is
  std::unordered_map<const Node*, Sources> arriving;    ///< of what is not finite in its input
  Tape* tape = nullptr;

  void note(Node& node, const torch::autograd::variable_list& grad_inputs,
            const torch::autograd::variable_list& grad_outputs);
  std::optional<BackwardStep> step_of(const torch::autograd::variable_list& grad_inputs,
                                      const torch::autograd::variable_list& grad_outputs,
                                      bool elementwise, bool& born) const;
};

namespace {

/// Tells the state of every run of its node.
class Watch : public torch::autograd::FunctionPostHook {
 public:
  Watch(std::weak_ptr<void> state, std::function<void(const torch::autograd::variable_list&,
                                                      const torch::autograd::variable_list&)>
                                       note)
      : state_(std::move(state)), note_(std::move(note)) {}
  torch::autograd::variable_list operator()(
      const torch::autograd::variable_list& grad_inputs,
      const torch::autograd::variable_list& grad_outputs) override {
    if (const auto alive = state_.lock()) note_(grad_inputs, grad_outputs);
    return grad_inputs;
  }

 private:
  std::weak_ptr<void> state_;
  std::function<void(const torch::autograd::variable_list&, const torch::autograd::variable_list&)>
      note_;
};

/// The first element that is not finite in `gradient` and is in `incoming`, paired by broadcasting.
std::int64_t first_born(const at::Tensor& gradient, const at::Tensor& incoming) {
  for (std::int64_t i = 0; i < gradient.numel(); ++i)
    if (!std::isfinite(element(gradient, i)) && std::isfinite(element(incoming, i))) return i;
  return -1;
}

}  // namespace

std::optional<BackwardStep> BackwardRecorder::State::step_of(
    const torch::autograd::variable_list& grad_inputs,
    const torch::autograd::variable_list& grad_outputs, bool is_elementwise, bool& born) const {
  bool arrived = false;
  for (const at::Tensor& gradient : grad_outputs) arrived = arrived || has_non_finite(gradient);
  for (const at::Tensor& gradient : grad_inputs) {
    std::int64_t found = first_non_finite(gradient);
    if (found < 0) continue;
    const bool alike = is_elementwise && grad_outputs.size() == 1 && grad_outputs[0].defined() &&
                       grad_outputs[0].sizes() == gradient.sizes();
    born = !arrived;
    if (arrived && alike)
      if (const std::int64_t own = first_born(gradient, grad_outputs[0]); own >= 0) {
        found = own;
        born = true;
      }
    BackwardStep step;
    step.element = found;
    step.shape = gradient.sizes().vec();
    step.outgoing = element(gradient, found);
    step.incoming = alike ? element(grad_outputs[0], found) : std::nan("");
    return step;
  }
  return std::nullopt;
}

void BackwardRecorder::State::note(Node& node, const torch::autograd::variable_list& grad_inputs,
                                   const torch::autograd::variable_list& grad_outputs) {
  bool born = false;
  std::optional<BackwardStep> step =
      step_of(grad_inputs, grad_outputs, elementwise.count(&node) != 0, born);
  if (!step || !tape) return;
  step->name = node.name();
  const auto maker = makers.find(&node);
  step->operation = maker == makers.end() ? nowhere : maker->second;
  step->sources = arriving[&node];
  if (born) {
    Source source;
    source.cause = Cause::infinite_slope;
    source.operation = step->operation;
    source.backward = tape->backward.size();
    source.element = step->element;
    step->sources.insert(tape->sources.size());
    tape->sources.push_back(std::move(source));
  }
  for (std::size_t i = 0; i < grad_inputs.size() && i < node.num_outputs(); ++i)
    if (has_non_finite(grad_inputs[i]) && node.next_edge(i).is_valid())
      arriving[node.next_edge(i).function.get()].insert(step->sources.begin(), step->sources.end());
  tape->backward.push_back(std::move(*step));
}

BackwardRecorder::BackwardRecorder() : state_(std::make_shared<State>()) {}
BackwardRecorder::~BackwardRecorder() = default;

void BackwardRecorder::watch(const at::Tensor& output, const Recorder& recorder) {
  state_->output = output;
  if (!output.requires_grad() || !output.grad_fn()) return;
  std::unordered_set<Node*> seen;
  std::vector<Node*> open{output.grad_fn().get()};
  while (!open.empty()) {
    Node* node = open.back();
    open.pop_back();
    if (!node || !seen.insert(node).second) continue;
    const std::size_t maker = recorder.maker_of(node->sequence_nr());
    state_->makers[node] = maker;
    if (maker != nowhere &&
        kind_of(recorder.tape().operations[maker].name) == OperationKind::elementwise)
      state_->elementwise.insert(node);
    State* state = state_.get();
    node->add_post_hook(std::make_unique<Watch>(
        state_, [state, node](const auto& grad_inputs, const auto& grad_outputs) {
          state->note(*node, grad_inputs, grad_outputs);
        }));
    for (const torch::autograd::Edge& edge : node->next_edges())
      open.push_back(edge.function.get());
  }
}

void BackwardRecorder::run(const NamedTensors& leaves, const std::vector<std::string>& targets,
                           const at::Tensor& grad_output, Tape& tape, Results& results) {
  if (!state_->output.requires_grad()) return;
  state_->tape = &tape;
  std::vector<at::Tensor> wanted;
  for (const std::string& name : targets) wanted.push_back(leaves[name]);
  const auto gradients =
      torch::autograd::grad({state_->output}, wanted, {grad_output}, true, false, true);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!gradients[i].defined()) continue;
    Result result;
    result.value = gradients[i].detach();
    const auto accumulator = torch::autograd::impl::gradient_edge(wanted[i]).function;
    result.sources = state_->arriving[accumulator.get()];
    results[targets[i]] = std::move(result);
  }
  state_->tape = nullptr;
}

}  // namespace gradient_check
