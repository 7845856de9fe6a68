#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include "gradient_check/subject/delegating_subject.h"
#include "gradient_check/subject/derived/derived_subject.h"
#include "gradient_check/subject/detach_watch.h"

namespace gradient_check {
namespace {

std::string hvp_name(const std::string& name) { return fmt::format("hvp({})", name); }

class HessianSubject : public DelegatingSubject {
 public:
  HessianSubject(const Subject& subject, const NamedTensors& tangents, at::Tensor grad_output)
      : DelegatingSubject(subject), tangents_(tangents), grad_output_(std::move(grad_output)) {
    moved_ = subject.parameters();
    const bool by_inputs = moved_.empty();
    for (const auto& [name, tensor] : subject.inputs())
      (by_inputs && tensor.is_floating_point() ? moved_ : inputs_).set(name, tensor);
    for (const auto& [name, tensor] : moved_) parameters_.set(hvp_name(name), tensor);
  }

  const NamedTensors& parameters() const override { return parameters_; }
  const NamedTensors& inputs() const override { return inputs_; }
  bool has_manual() const override { return subject_.has_hvp(); }
  bool takes_grad_output() const override { return true; }

  at::Tensor forward(const NamedTensors& values) const override {
    const bool differentiable = at::GradMode::is_enabled();
    const at::AutoGradMode enabled(true);
    NamedTensors arguments;
    std::vector<at::Tensor> moved, tangents;
    for (const auto& [name, tensor] : inputs_) arguments.set(name, values[name]);
    for (const auto& [name, tensor] : moved_) {
      const DetachUnwatched unwatched;
      at::Tensor value = values[hvp_name(name)];
      if (!value.requires_grad()) value = value.detach().requires_grad_();
      moved.push_back(value);
      tangents.push_back(tangents_[name].to(value.scalar_type()));
      arguments.set(name, value);
    }
    const at::Tensor output = subject_.forward(arguments);
    const DetachUnwatched unwatched;
    at::Tensor total = at::zeros({}, output.options());
    if (!output.requires_grad()) return total;
    const auto gradients =
        torch::autograd::grad({output}, moved, {grad_output_.to(output.scalar_type())},
                              differentiable, differentiable, true);
    for (std::size_t i = 0; i < moved.size(); ++i)
      if (gradients[i].defined()) total = total + (gradients[i] * tangents[i]).sum();
    return differentiable ? total : total.detach();
  }

  ManualResult manual(const NamedTensors& values, const at::Tensor& grad_output) const override {
    NamedTensors arguments = inputs_of(values), tangents;
    const at::ScalarType dtype = grad_output.scalar_type();
    for (const auto& [name, tensor] : moved_) {
      arguments.set(name, values[hvp_name(name)]);
      tangents.set(name, tangents_[name].to(dtype));
    }
    ManualResult result{forward(values), {}};
    for (const auto& [name, product] : subject_.hvp(arguments, tangents, grad_output_.to(dtype)))
      result.gradients.set(hvp_name(name), product.defined() ? product * grad_output : product);
    return result;
  }

  std::optional<Place> gradient_place(const std::string&) const override {
    return subject_.function_place("hvp");
  }
  std::optional<Place> forward_place() const override { return subject_.forward_place(); }

 private:
  NamedTensors inputs_of(const NamedTensors& values) const {
    NamedTensors inputs;
    for (const auto& [name, tensor] : inputs_) inputs.set(name, values[name]);
    return inputs;
  }

  NamedTensors moved_;  ///< the subject's parameters; where it has none, its floating inputs
  NamedTensors parameters_, inputs_, tangents_;
  at::Tensor grad_output_;
};

}  // namespace

std::unique_ptr<Subject> make_hessian_subject(const Subject& subject, const NamedTensors& tangents,
                                              const at::Tensor& grad_output) {
  return std::make_unique<HessianSubject>(subject, tangents, grad_output);
}

}  // namespace gradient_check
