#include "gradient_check/gradient/sensitivity.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>

#include <cmath>
#include <exception>
#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "gradient_check/gradient/evaluation.h"
#include "gradient_check/subject/detach_watch.h"
#include "gradient_check/subject/operation_callback.h"
#include "gradient_check/subject/resolved.h"

namespace gradient_check {
namespace {

using Sum = std::shared_ptr<double>;  ///< shared with hooks, which live as long as their graph

/// A value that an operation made, until its adjoint is known.
struct WatchedValue {
  at::Tensor value;
  std::int64_t version = 0;
  bool kept = false;  ///< a copy, made before something wrote over it
};

/// What is watched during one evaluation.
struct WatchedEvaluation {
  Sum sum = std::make_shared<double>(0);
  std::map<const void*, std::vector<std::weak_ptr<WatchedValue>>> by_memory;
  int writing = 0;  ///< operations in place that are under way
};

/// What an operation's start tells its end.
struct WritesInPlace : at::ObserverContext {};

thread_local WatchedEvaluation* watching_here = nullptr;  ///< while a callback lives

/// √Σx², whose squares neither overflow nor vanish.
double length(const at::Tensor& given) {
  const at::Tensor x = given.to(at::kDouble);
  const double largest = x.numel() > 0 ? x.abs().max().item<double>() : 0;
  if (largest == 0 || !std::isfinite(largest)) return largest;
  return largest * (x / largest).square().sum().sqrt().item<double>();
}

/// Adds (v ∂f/∂v)² to the square of the sum once v's adjoint is known.
void watch(const at::Tensor& made) {
  if (!made.defined() || !made.requires_grad() || !made.is_floating_point() || made.is_leaf())
    return;
  const DetachUnwatched unwatched_detach;
  auto watched = std::make_shared<WatchedValue>(WatchedValue{made.detach(), 0, false});
  watched->version = watched->value._version();
  if (made.has_storage())
    watching_here->by_memory[made.storage().unsafeGetStorageImpl()].push_back(watched);
  made.register_hook([watched, sum = watching_here->sum](const at::Tensor& adjoint) {
    const at::DisableRecordFunctionGuard unwatched;
    const at::Tensor& value = watched->value;
    // Written over by something that did not show, or reshaped in place: its later value is
    // watched.
    const bool current = watched->kept || value._version() == watched->version;
    if (!adjoint.defined() || !current || adjoint.sizes() != value.sizes()) return;
    *sum = std::hypot(*sum, length(value.to(at::kDouble) * resolved(adjoint)));
  });
}

/// What an operation in place is about to write over is kept.
void keep(const std::vector<c10::IValue>& inputs) {
  if (inputs.empty() || !inputs[0].isTensor() || !inputs[0].toTensor().has_storage()) return;
  const auto found =
      watching_here->by_memory.find(inputs[0].toTensor().storage().unsafeGetStorageImpl());
  if (found == watching_here->by_memory.end()) return;
  const DetachUnwatched unwatched_detach;
  for (const auto& weak : found->second)
    if (const auto watched = weak.lock();
        watched && !watched->kept && watched->value._version() == watched->version) {
      watched->value = watched->value.clone();
      watched->kept = true;
    }
}

std::unique_ptr<at::ObserverContext> before_operation(const at::RecordFunction& function) {
  const std::string_view name = function.name();
  if (name.empty() || name.back() != '_' || !watching_here) return nullptr;
  const at::DisableRecordFunctionGuard unwatched;
  ++watching_here->writing;
  keep(own_inputs(function));
  return std::make_unique<WritesInPlace>();
}

/// What operations inside of one in place make of its tensor still has the history that the tensor
/// had before: the adjoint there is not theirs.
void after_operation(const at::RecordFunction& function, at::ObserverContext* context) {
  if (!watching_here) return;
  if (context) --watching_here->writing;
  if (watching_here->writing > 0 || !at::GradMode::is_enabled()) return;
  const at::DisableRecordFunctionGuard unwatched;
  for (const c10::IValue& output : own_outputs(function))
    if (output.isTensor()) watch(output.toTensor());
}

/// While it lives, this thread's operations are watched.
class Watching {
 public:
  explicit Watching(WatchedEvaluation& watched)
      : previous_(std::exchange(watching_here, &watched)),
        callback_(at::RecordFunctionCallback(&before_operation, &after_operation)
                      .needsInputs(true)
                      .needsOutputs(true)
                      .scopes({at::RecordScope::FUNCTION})) {}
  ~Watching() { watching_here = previous_; }
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;

 private:
  WatchedEvaluation* previous_;
  OperationCallback callback_;
};

}  // namespace

WatchedGradients run_watched_autograd(const Subject& subject, const NamedTensors& values,
                                      const std::vector<std::string>& targets,
                                      const at::Tensor& grad_output, bool writes) {
  WatchedEvaluation watched;
  const Watching watching(watched);
  Evaluation evaluation = run_autograd(subject, values, targets, grad_output, at::kDouble, writes);
  return {std::move(evaluation), std::isfinite(*watched.sum) ? *watched.sum : 0};
}

double rounding_sensitivity(const Subject& subject, const NamedTensors& values,
                            const std::vector<std::string>& targets, const at::Tensor& grad_output,
                            bool writes) {
  try {
    return run_watched_autograd(subject, values, targets, grad_output, writes).sensitivity;
  } catch (const std::exception&) {
    return 0;
  }
}

}  // namespace gradient_check
