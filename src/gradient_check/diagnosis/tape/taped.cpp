#include "gradient_check/diagnosis/tape/taped.h"

#include <algorithm>

#include "gradient_check/diagnosis/tape/backward_recorder.h"
#include "gradient_check/diagnosis/tape/recorder.h"
#include "gradient_check/gradient/evaluation.h"
#include "gradient_check/subject/evaluation_scope.h"

namespace gradient_check {
namespace {

/// An operation and all that it depends on.
std::set<std::size_t> operations_before(const Tape& tape, std::size_t operation) {
  std::set<std::size_t> found;
  std::vector<std::size_t> open{operation};
  while (!open.empty()) {
    const std::size_t index = open.back();
    open.pop_back();
    if (index == nowhere || !found.insert(index).second) continue;
    const auto& producers = tape.operations[index].producers;
    open.insert(open.end(), producers.begin(), producers.end());
  }
  return found;
}

Result result_of(Recorder& recorder, const at::Tensor& tensor) {
  if (!tensor.defined()) return {};
  return {recorder.producer_of(tensor), recorder.sources_of(tensor), tensor.detach()};
}

}  // namespace

bool same_operations(const Tape& a, const Tape& b) {
  return a.sources.size() == b.sources.size() &&
         std::equal(a.operations.begin(), a.operations.end(), b.operations.begin(),
                    b.operations.end(),
                    [](const Operation& x, const Operation& y) { return x.name == y.name; });
}

TapedEvaluation tape_manual(const TapePoint& point, const std::set<std::size_t>& keep) {
  const EvaluationScope scope(point.dtype);
  NamedTensors arguments = clone(point.values);
  const at::Tensor cotangent = point.grad_output.to(point.dtype, false, true);
  NamedTensors known = arguments;
  if (!known.contains("grad_output")) known.set("grad_output", cotangent);
  seed_generator(point.seed);
  TapedEvaluation taped;
  const Subject& subject = point.subject.on_cpu();
  Recorder recorder(subject, known, keep);
  const ManualResult result = subject.manual(arguments, cotangent);
  taped.results["loss"] = result_of(recorder, result.output);
  for (const auto& [name, gradient] : result.gradients)
    taped.results[name] = result_of(recorder, gradient);
  taped.tape = std::move(recorder.tape());
  taped.forward = operations_before(taped.tape, taped.results["loss"].producer);
  return taped;
}

TapedEvaluation tape_autograd(const TapePoint& point, const std::set<std::size_t>& keep) {
  const EvaluationScope scope(point.dtype, true);
  NamedTensors leaves, arguments;
  for (const auto& [name, tensor] : point.values) {
    at::Tensor leaf = tensor.detach().clone();
    const bool wanted =
        std::find(point.targets.begin(), point.targets.end(), name) != point.targets.end();
    if (wanted) leaf.requires_grad_();
    leaves.set(name, leaf);
    arguments.set(name, wanted ? leaf.clone() : leaf);
  }
  seed_generator(point.seed);
  TapedEvaluation taped;
  taped.backward_phase = Phase::autograd;
  BackwardRecorder backward;
  {
    const Subject& subject = point.subject.on_cpu();
    Recorder recorder(subject, arguments, keep);
    const at::Tensor output = subject.forward(arguments);
    taped.results["loss"] = result_of(recorder, output);
    backward.watch(output, recorder);
    taped.tape = std::move(recorder.tape());
  }
  for (std::size_t i = 0; i < taped.tape.operations.size(); ++i) taped.forward.insert(i);
  const at::Tensor& output = taped.results["loss"].value;
  backward.run(leaves, point.targets, point.grad_output.to(output.scalar_type()), taped.tape,
               taped.results);
  return taped;
}

}  // namespace gradient_check
