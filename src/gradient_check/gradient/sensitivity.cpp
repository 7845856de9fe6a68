#include "gradient_check/gradient/sensitivity.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/record_function.h>

#include <cmath>
#include <exception>

#include "gradient_check/gradient/evaluation.h"

namespace gradient_check {
namespace {

/// Watches the operations of the thread that made it, for as long as it lives.
class Watch {
 public:
  Watch() {
    sum_here = &sum_;
    handle_ = at::addThreadLocalCallback(at::RecordFunctionCallback(&on_start, &on_end)
                                             .needsOutputs(true)
                                             .scopes({at::RecordScope::FUNCTION}));
  }
  ~Watch() {
    at::removeCallback(handle_);
    sum_here = nullptr;
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  double sum() const { return sum_; }

 private:
  static std::unique_ptr<at::ObserverContext> on_start(const at::RecordFunction&) {
    return nullptr;
  }

  static void on_end(const at::RecordFunction& function, at::ObserverContext*) {
    if (!at::GradMode::is_enabled()) return;
    const at::DisableRecordFunctionGuard unwatched;
    for (const c10::IValue& output : function.outputs())
      if (output.isTensor()) watch(output.toTensor());
  }

  static void watch(const at::Tensor& made) {
    if (!made.defined() || !made.requires_grad() || !made.is_floating_point() || made.is_leaf())
      return;
    const at::Tensor value = made.detach();
    const std::int64_t version = value._version();
    double* sum = sum_here;
    made.register_hook([value, version, sum](const at::Tensor& adjoint) {
      const at::DisableRecordFunctionGuard unwatched;
      // Overwritten in place since: its later value is watched instead.
      if (!adjoint.defined() || value._version() != version) return;
      *sum += (value * adjoint).square().sum().item<double>();
    });
  }

  static thread_local double* sum_here;
  double sum_ = 0;
  at::CallbackHandle handle_ = 0;
};

thread_local double* Watch::sum_here = nullptr;

}  // namespace

double rounding_sensitivity(const Subject& subject, const NamedTensors& values,
                            const std::vector<std::string>& targets,
                            const at::Tensor& grad_output) {
  const Watch watch;
  try {
    run_autograd(subject, values, targets, grad_output, at::kDouble);
  } catch (const std::exception&) {
    return 0;
  }
  return std::isfinite(watch.sum()) ? std::sqrt(watch.sum()) : 0;
}

}  // namespace gradient_check
