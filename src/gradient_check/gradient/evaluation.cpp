#include "gradient_check/gradient/evaluation.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/nan_to_num.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <mutex>

#include "gradient_check/subject/evaluation_scope.h"

namespace gradient_check {
namespace {

bool same_contents(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes() || a.scalar_type() != b.scalar_type()) return false;
  if (!a.is_floating_point()) return a.equal(b);
  return at::isnan(a).equal(at::isnan(b)) &&
         at::nan_to_num(a.to(at::kDouble), 0.0).equal(at::nan_to_num(b.to(at::kDouble), 0.0));
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

bool is_finite(const at::Tensor& tensor) {
  return !tensor.defined() || !tensor.is_floating_point() ||
         at::isfinite(tensor).all().item<bool>();
}

bool is_finite(const Evaluation& evaluation) {
  return is_finite(evaluation.output) &&
         std::all_of(evaluation.gradients.begin(), evaluation.gradients.end(),
                     [](const auto& gradient) { return is_finite(gradient.second); });
}

NamedTensors values_in(const Subject& subject, at::ScalarType dtype) {
  NamedTensors values;
  const auto add = [&](const NamedTensors& tensors) {
    for (const auto& [name, tensor] : tensors)
      values.set(name,
                 tensor.detach()
                     .to(tensor.is_floating_point() ? dtype : tensor.scalar_type(), false, true)
                     .contiguous());
  };
  add(subject.inputs());
  add(subject.parameters());
  return values;
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

Evaluation run_manual(const Subject& subject, const NamedTensors& values,
                      const at::Tensor& grad_output, at::ScalarType dtype) {
  const EvaluationScope scope(dtype);
  ManualResult result = subject.manual(values, grad_output);
  Evaluation evaluation{result.output.detach().clone(), {}};
  // Cloned, since a gradient may be an alias of an argument.
  for (const auto& [name, gradient] : result.gradients)
    evaluation.gradients.set(name, gradient.defined() ? gradient.detach().clone() : gradient);
  return evaluation;
}

Evaluation run_autograd(const Subject& subject, const NamedTensors& values,
                        const std::vector<std::string>& targets, const at::Tensor& grad_output,
                        at::ScalarType dtype) {
  const EvaluationScope scope(dtype, true);
  const NativeKernels native;
  NamedTensors leaves;
  NamedTensors arguments;
  for (const auto& [name, tensor] : values) {
    const bool wanted = std::find(targets.begin(), targets.end(), name) != targets.end();
    at::Tensor leaf = tensor.detach().clone();
    if (wanted) leaf.requires_grad_();
    leaves.set(name, leaf);
    // An alias of the leaf, so that a forward that works in place on it can be differentiated.
    arguments.set(name, wanted ? leaf.clone() : leaf);
  }
  const at::Tensor output = subject.forward(arguments);
  Evaluation evaluation{output.detach(), {}};
  std::vector<at::Tensor> wanted;
  for (const std::string& name : targets) wanted.push_back(leaves[name]);
  std::vector<at::Tensor> gradients(wanted.size());
  if (output.requires_grad())
    gradients = torch::autograd::grad({output}, wanted, {grad_output.to(output.scalar_type())},
                                      false, false, true);
  for (std::size_t i = 0; i < targets.size(); ++i)
    evaluation.gradients.set(
        targets[i], gradients[i].defined() ? gradients[i].detach() : at::zeros_like(wanted[i]));
  return evaluation;
}

at::Tensor run_forward(const Subject& subject, const NamedTensors& values, at::ScalarType dtype) {
  const EvaluationScope scope(dtype);
  return subject.forward(values).detach();
}

}  // namespace gradient_check
