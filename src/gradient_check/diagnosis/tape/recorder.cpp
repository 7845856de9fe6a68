#include "gradient_check/diagnosis/tape/recorder.h"

#include <ATen/SequenceNumber.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <unordered_map>

#include "gradient_check/diagnosis/tape/born.h"
#include "gradient_check/diagnosis/tape/operator_schema.h"
#include "gradient_check/diagnosis/tape/values.h"
#include "gradient_check/subject/operation_callback.h"

namespace gradient_check {
namespace {

/// An operation between its start and its end.
struct Open : at::ObserverContext {
  Operation operation;
  Sources inherited;  ///< of what is not finite in its operands
  std::uint64_t first_node = 0;
  bool outermost = false;
};

std::string plain_name(std::string name) {
  if (const std::size_t colons = name.rfind(':'); colons != std::string::npos)
    name = name.substr(colons + 1);
  if (name.size() > 1 && name.back() == '_') name.pop_back();
  return name;
}

/// Which arguments an operator writes into.
std::vector<bool> written_arguments(const Operation& operation) {
  std::vector<bool> written(operation.arguments.size(), false);
  const c10::FunctionSchema* schema = schema_of(operation);
  if (!schema) return written;
  const auto& arguments = schema->arguments();
  for (std::size_t i = 0; i < arguments.size() && i < written.size(); ++i)
    written[i] = arguments[i].alias_info() && arguments[i].alias_info()->isWrite();
  return written;
}

}  // namespace

struct Recorder::State {
  const Subject& subject;
  std::set<std::size_t> keep;
  Tape tape;
  std::unordered_map<const void*, std::size_t> made;     ///< by tensor: the operation
  std::unordered_map<const void*, std::size_t> written;  ///< by storage: the last in-place one
  std::unordered_map<const void*, std::size_t> spoilt;   ///< by storage: the last in-place one that
                                                         ///< wrote something not finite
  std::unordered_map<const void*, std::string> leaves;   ///< by tensor: the argument's name
  std::map<std::string, std::size_t> inputs;             ///< their sources, where not finite
  std::vector<std::pair<std::uint64_t, std::uint64_t>>
      nodes;                      ///< of autograd's graph, by operation
  std::vector<at::Tensor> alive;  ///< the arguments, so that their addresses stay theirs
  std::optional<OperationCallback> callback;
  int depth = 0;

  static const void* key(const at::Tensor& tensor) { return tensor.unsafeGetTensorImpl(); }
  static const void* storage(const at::Tensor& tensor) {
    return tensor.has_storage() ? tensor.storage().unsafeGetStorageImpl() : nullptr;
  }

  std::size_t find(const std::unordered_map<const void*, std::size_t>& map, const void* key) const {
    const auto found = map.find(key);
    return found == map.end() ? nowhere : found->second;
  }

  std::size_t producer(const at::Tensor& tensor) const {
    const std::size_t maker = find(made, key(tensor)), writer = find(written, storage(tensor));
    if (writer == nowhere) return maker;
    return maker == nowhere || writer > maker ? writer : maker;
  }

  /// The latest operation that put something not finite into the tensor.
  std::size_t bad_producer(const at::Tensor& tensor) const {
    const std::size_t latest = producer(tensor), writer = find(spoilt, storage(tensor));
    const bool kept_whole = latest == nowhere || tape.operations[latest].bad_output;
    return kept_whole || writer == nowhere ? latest : writer;
  }

  Sources sources(const at::Tensor& tensor) {
    if (!has_non_finite(tensor)) return {};
    Sources all;
    for (const std::size_t operation :
         {find(made, key(tensor)), find(written, storage(tensor)), find(spoilt, storage(tensor))})
      if (operation != nowhere)
        all.insert(tape.operations[operation].sources.begin(),
                   tape.operations[operation].sources.end());
    const auto leaf = leaves.find(key(tensor));
    if (all.empty() && leaf != leaves.end()) all.insert(input_source(leaf->second, tensor));
    if (all.empty()) all.insert(add({Source::Kind::constant}));
    return all;
  }

  std::size_t add(Source source) {
    tape.sources.push_back(std::move(source));
    return tape.sources.size() - 1;
  }

  std::size_t input_source(const std::string& name, const at::Tensor& tensor) {
    if (const auto known = inputs.find(name); known != inputs.end()) return known->second;
    Source source{Source::Kind::input};
    source.name = name;
    source.element = first_non_finite(tensor);
    const double value = element(tensor, source.element);
    source.is_nan = value != value;
    return inputs[name] = add(std::move(source));
  }

  void start(Open& open, const at::RecordFunction& function) {
    Operation& operation = open.operation;
    const auto name = function.operator_name();
    operation.operator_name = name ? name->name : function.name();
    operation.overload = name ? name->overload_name : "";
    operation.name = plain_name(operation.operator_name);
    operation.arguments = own_inputs(function);
    for (const at::Tensor& tensor : tensors_of(operation.arguments)) {
      const Sources found = sources(tensor);
      operation.producers.push_back(found.empty() ? producer(tensor) : bad_producer(tensor));
      const auto leaf = leaves.find(key(tensor));
      operation.leaves.push_back(leaf == leaves.end() ? "" : leaf->second);
      open.inherited.insert(found.begin(), found.end());
    }
    const std::vector<bool> writes = written_arguments(operation);
    for (std::size_t i = 0; i < writes.size(); ++i)
      if (writes[i] && operation.arguments[i].isTensor() &&
          operation.arguments[i].toTensor().defined())
        operation.arguments[i] = operation.arguments[i].toTensor().detach().clone();
    open.first_node = at::sequence_number::peek();
  }

  void end(Open& open, const at::RecordFunction& function) {
    const std::size_t index = tape.operations.size();
    Operation& operation = open.operation;
    const std::vector<at::Tensor> outputs = tensors_of(own_outputs(function));
    for (const at::Tensor& output : outputs) {
      if (!operation.bad_output && has_non_finite(output)) {
        operation.bad_output = true;
        operation.output = output;
      }
    }
    if (!outputs.empty() && !operation.output.defined()) operation.output = outputs.front();
    if (operation.bad_output) {
      operation.sources = open.inherited;
      if (std::optional<Source> born = source_born(operation, open.inherited, tape.sources)) {
        born->operation = index;
        // What an intended infinity made is the new birth's, not the constant's.
        if (born->kind == Source::Kind::birth &&
            born->elements == count_non_finite(operation.output))
          operation.sources.clear();
        operation.sources.insert(add(std::move(*born)));
      }
    }
    const std::vector<bool> writes = written_arguments(operation);
    for (std::size_t i = 0; i < writes.size(); ++i)
      if (writes[i])
        for (const at::Tensor& output : outputs) {
          written[storage(output)] = index;
          if (operation.bad_output) spoilt[storage(output)] = index;
        }
    for (const at::Tensor& output : outputs) made[key(output)] = index;
    nodes.emplace_back(open.first_node, at::sequence_number::peek());
    finish(operation, index);
    tape.operations.push_back(std::move(operation));
  }

  void finish(Operation& operation, std::size_t index) {
    operation.kept = keep.count(index) != 0;
    if (operation.kept) {
      operation.place = subject.running_place();
      operation.output =
          operation.output.defined() ? operation.output.detach().clone() : at::Tensor();
      return;
    }
    operation.arguments.clear();
    operation.output = at::Tensor();
  }
};

namespace {

thread_local void* recording_here = nullptr;  ///< the State of this thread's recorder

}  // namespace

Recorder::Recorder(const Subject& subject, const NamedTensors& arguments,
                   std::set<std::size_t> keep)
    : state_(new State{subject, std::move(keep), {}, {}, {}, {}, {}, {}, {}, {}, {}, 0}) {
  for (const auto& [name, tensor] : arguments) {
    if (!tensor.defined()) continue;
    state_->leaves[State::key(tensor)] = name;
    state_->alive.push_back(tensor);
  }
  const auto on_start =
      [](const at::RecordFunction& function) -> std::unique_ptr<at::ObserverContext> {
    auto open = std::make_unique<Open>();
    auto* state = static_cast<State*>(recording_here);
    if (!state) return open;
    open->outermost = state->depth++ == 0;
    const at::DisableRecordFunctionGuard unrecorded;
    const at::NoGradGuard no_grad;
    if (open->outermost) state->start(*open, function);
    return open;
  };
  const auto on_end = [](const at::RecordFunction& function, at::ObserverContext* context) {
    auto* state = static_cast<State*>(recording_here);
    if (!state) return;
    --state->depth;
    const at::DisableRecordFunctionGuard unrecorded;
    const at::NoGradGuard no_grad;
    auto& open = static_cast<Open&>(*context);
    if (open.outermost) state->end(open, function);
  };
  recording_here = state_.get();
  state_->callback.emplace(at::RecordFunctionCallback(on_start, on_end)
                               .needsInputs(true)
                               .needsOutputs(true)
                               .scopes({at::RecordScope::FUNCTION}));
}

Recorder::~Recorder() {
  state_->callback.reset();
  recording_here = nullptr;
}

std::size_t Recorder::producer_of(const at::Tensor& tensor) const {
  return state_->producer(tensor);
}

Sources Recorder::sources_of(const at::Tensor& tensor) { return state_->sources(tensor); }

std::size_t Recorder::maker_of(std::uint64_t sequence_number) const {
  const auto& nodes = state_->nodes;
  const auto after = std::upper_bound(
      nodes.begin(), nodes.end(), sequence_number,
      [](std::uint64_t number, const auto& range) { return number < range.second; });
  if (after == nodes.end() || sequence_number < after->first) return nowhere;
  return static_cast<std::size_t>(after - nodes.begin());
}

Tape& Recorder::tape() { return state_->tape; }
const Tape& Recorder::tape() const { return state_->tape; }

}  // namespace gradient_check
