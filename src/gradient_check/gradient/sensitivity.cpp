#include "gradient_check/gradient/sensitivity.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>

#include <cmath>
#include <exception>
#include <memory>

#include "gradient_check/gradient/evaluation.h"
#include "gradient_check/subject/detach_watch.h"
#include "gradient_check/subject/operation_callback.h"
#include "gradient_check/subject/resolved.h"

namespace gradient_check {
namespace {

using Sum = std::shared_ptr<double>;  ///< shared with hooks, which live as long as their graph

thread_local Sum sum_here;  ///< while a callback lives

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
  const at::Tensor value = made.detach();
  const std::int64_t version = value._version();
  made.register_hook([value, version, sum = sum_here](const at::Tensor& adjoint) {
    const at::DisableRecordFunctionGuard unwatched;
    // Overwritten or reshaped in place since: its later value is watched instead.
    if (!adjoint.defined() || value._version() != version || adjoint.sizes() != value.sizes())
      return;
    *sum = std::hypot(*sum, length(value.to(at::kDouble) * resolved(adjoint)));
  });
}

std::unique_ptr<at::ObserverContext> at_start(const at::RecordFunction&) { return nullptr; }

void watch_outputs(const at::RecordFunction& function, at::ObserverContext*) {
  if (!at::GradMode::is_enabled()) return;
  const at::DisableRecordFunctionGuard unwatched;
  for (const c10::IValue& output : own_outputs(function))
    if (output.isTensor()) watch(output.toTensor());
}

}  // namespace

WatchedGradients run_watched_autograd(const Subject& subject, const NamedTensors& values,
                                      const std::vector<std::string>& targets,
                                      const at::Tensor& grad_output, bool writes) {
  const Sum sum = sum_here = std::make_shared<double>(0);
  const OperationCallback callback(at::RecordFunctionCallback(&at_start, &watch_outputs)
                                       .needsOutputs(true)
                                       .scopes({at::RecordScope::FUNCTION}));
  Evaluation evaluation = run_autograd(subject, values, targets, grad_output, at::kDouble, writes);
  return {std::move(evaluation), std::isfinite(*sum) ? *sum : 0};
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
