#include "gradient_check/gradient/evaluation.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/ops/view_as_real.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <mutex>

#include "gradient_check/gradient/detached_values.h"
#include "gradient_check/gradient/scan.h"
#include "gradient_check/subject/evaluation_scope.h"
#include "gradient_check/subject/resolved.h"

namespace gradient_check {
namespace {

/// A gradient as pairs of real numbers where it is complex: the tensor is real, or the subject
/// would have handed out pairs itself.
at::Tensor as_real(const at::Tensor& gradient) {
  return gradient.is_complex() ? at::view_as_real(resolved(gradient)) : gradient;
}

/// The tensor, detached; a copy where something else, an argument, may hold it or its memory too.
at::Tensor owned(const at::Tensor& tensor) {
  const bool plain = tensor.layout() == at::kStrided && !tensor._is_zerotensor() &&
                     !tensor.is_neg() && tensor.is_contiguous();
  const bool sole = plain && tensor.use_count() == 1 && tensor.storage().use_count() == 1;
  return sole ? tensor.detach() : resolved(tensor.detach()).clone();
}

NamedTensors arguments_in(const Subject& subject, at::ScalarType dtype, bool copy) {
  NamedTensors values;
  for (const NamedTensors* tensors : {&subject.inputs(), &subject.parameters()})
    for (const auto& [name, tensor] : *tensors)
      values.set(name,
                 tensor.detach()
                     .to(tensor.is_floating_point() ? dtype : tensor.scalar_type(), false, copy)
                     .contiguous());
  return values;
}

/// While it lives, LibTorch computes with its own kernels, not oneDNN's: what is judged by must not
/// be faster than right. Debian 13's oneDNN returns a wrong gradient of conv2d's input in float32.
class NativeKernels {
 public:
  NativeKernels() : previous_(at::globalContext().userEnabledMkldnn()) {
    at::globalContext().setUserEnabledMkldnn(false);
  }
  ~NativeKernels() { at::globalContext().setUserEnabledMkldnn(previous_); }
  NativeKernels(const NativeKernels&) = delete;
  NativeKernels& operator=(const NativeKernels&) = delete;

 private:
  bool previous_;
};

}  // namespace

bool is_finite(const Evaluation& evaluation) {
  return is_finite(evaluation.output) &&
         std::all_of(evaluation.gradients.begin(), evaluation.gradients.end(),
                     [](const auto& gradient) { return is_finite(gradient.second); });
}

NamedTensors values_in(const Subject& subject, at::ScalarType dtype) {
  return arguments_in(subject, dtype, true);
}

NamedTensors views_in(const Subject& subject, at::ScalarType dtype) {
  return arguments_in(subject, dtype, false);
}

NamedTensors clone(const NamedTensors& values) {
  NamedTensors copy;
  for (const auto& [name, tensor] : values) copy.set(name, tensor.clone());
  return copy;
}

std::vector<std::string> changed(const NamedTensors& before, const NamedTensors& after) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : before)
    if (!same_contents(tensor, after[name])) names.push_back(name);
  return names;
}

void seed_generator(std::uint64_t seed) {
  auto generator = at::detail::getDefaultCPUGenerator();
  const std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_current_seed(seed);
}

at::Tensor generator_state() {
  auto generator = at::detail::getDefaultCPUGenerator();
  const std::lock_guard<std::mutex> lock(generator.mutex());
  return generator.get_state();
}

Evaluation run_manual(const Subject& subject, const NamedTensors& values,
                      const at::Tensor& grad_output, at::ScalarType dtype) {
  const EvaluationScope scope(dtype);
  ManualResult result = subject.manual(values, grad_output);
  Evaluation evaluation;
  evaluation.output = resolved(result.output.detach()).clone();
  for (const auto& [name, gradient] : result.gradients)
    evaluation.gradients.set(name, gradient.defined() ? owned(as_real(gradient)) : gradient);
  return evaluation;
}

Evaluation run_autograd(const Subject& subject, const NamedTensors& values,
                        const std::vector<std::string>& targets, const at::Tensor& grad_output,
                        at::ScalarType dtype, bool writes) {
  const EvaluationScope scope(dtype, true);
  const NativeKernels native;
  NamedTensors leaves;
  NamedTensors arguments;
  for (const auto& [name, tensor] : values) {
    const bool wanted = std::find(targets.begin(), targets.end(), name) != targets.end();
    // A forward that works in place on its arguments is given copies that it can be differentiated
    // through.
    at::Tensor leaf = writes ? tensor.detach().clone() : tensor.detach();
    if (wanted) leaf.requires_grad_();
    leaves.set(name, leaf);
    arguments.set(name, wanted && writes ? leaf.clone() : leaf);
  }
  Evaluation evaluation;
  const at::Tensor output = [&] {
    const DetachCounter counter;
    at::Tensor given = subject.forward(arguments);
    evaluation.detaches = counter.cuts() > 0;
    return given;
  }();
  evaluation.output = resolved(output.detach());
  std::vector<at::Tensor> wanted;
  for (const std::string& name : targets) wanted.push_back(leaves[name]);
  std::vector<at::Tensor> gradients(wanted.size());
  if (output.requires_grad())
    gradients = torch::autograd::grad({output}, wanted, {grad_output.to(output.scalar_type())},
                                      false, false, true);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!gradients[i].defined()) evaluation.unreached.push_back(targets[i]);
    evaluation.gradients.set(targets[i], gradients[i].defined() ? resolved(gradients[i].detach())
                                                                : at::zeros_like(wanted[i]));
  }
  return evaluation;
}

at::Tensor run_forward(const Subject& subject, const NamedTensors& values, at::ScalarType dtype) {
  const EvaluationScope scope(dtype);
  return resolved(subject.forward(values).detach());
}

}  // namespace gradient_check
