#include "gradient_check/subject/complex_subject.h"

#include <ATen/ops/complex.h>
#include <ATen/ops/view_as_complex.h>
#include <ATen/ops/view_as_real.h>
#include <ATen/ops/zeros_like.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gradient_check/subject/wrapping_subject.h"

namespace gradient_check {
namespace {

at::Tensor to_pairs(const at::Tensor& tensor) {
  return tensor.defined() && tensor.is_complex() ? at::view_as_real(tensor.resolve_conj()) : tensor;
}

at::Tensor to_complex(const at::Tensor& pairs) {
  return pairs.defined() ? at::view_as_complex(pairs.contiguous()) : pairs;
}

class ComplexSubject : public WrappingSubject {
 public:
  explicit ComplexSubject(std::unique_ptr<Subject> subject)
      : WrappingSubject(std::move(subject)),
        parameters_(noted(subject_->parameters())),
        inputs_(noted(subject_->inputs())) {}

  const NamedTensors& parameters() const override { return parameters_; }
  const NamedTensors& inputs() const override { return inputs_; }
  at::Tensor forward(const NamedTensors& values) const override {
    return to_pairs(subject_->forward(complex_of(values)));
  }
  ManualResult manual(const NamedTensors& values, const at::Tensor& grad_output) const override {
    const NamedTensors arguments = complex_of(values);
    ManualResult result = subject_->manual(arguments, cotangent_of(arguments, grad_output));
    return {to_pairs(result.output), pairs_of(result.gradients)};
  }
  bool is_complex(const std::string& name) const override { return complex_.count(name) > 0; }

  NamedTensors hvp(const NamedTensors& values, const NamedTensors& tangents,
                   const at::Tensor& grad_output) const override {
    const NamedTensors arguments = complex_of(values);
    return pairs_of(
        subject_->hvp(arguments, complex_of(tangents), cotangent_of(arguments, grad_output)));
  }
  at::Tensor jvp(const NamedTensors& values, const NamedTensors& tangents) const override {
    return to_pairs(subject_->jvp(complex_of(values), complex_of(tangents)));
  }

 private:
  NamedTensors noted(const NamedTensors& tensors) {
    NamedTensors pairs;
    for (const auto& [name, tensor] : tensors) {
      if (tensor.is_complex()) complex_.insert(name);
      pairs.set(name, to_pairs(tensor.detach()));
    }
    return pairs;
  }
  NamedTensors complex_of(const NamedTensors& values) const {
    NamedTensors arguments;
    for (const auto& [name, tensor] : values)
      arguments.set(name, is_complex(name) ? to_complex(tensor) : tensor);
    return arguments;
  }
  /// A real gradient of a complex tensor has the imaginary part 0.
  NamedTensors pairs_of(const NamedTensors& gradients) const {
    NamedTensors pairs;
    for (const auto& [name, gradient] : gradients) {
      const bool lacks_imaginary =
          is_complex(name) && gradient.defined() && gradient.is_floating_point();
      pairs.set(name, to_pairs(lacks_imaginary ? at::complex(gradient, at::zeros_like(gradient))
                                               : gradient));
    }
    return pairs;
  }
  /// The cotangent of a complex output is complex. Asked of copies: a forward may write.
  at::Tensor cotangent_of(const NamedTensors& arguments, const at::Tensor& grad_output) const {
    if (!takes_grad_output()) return grad_output;
    if (!output_is_complex_) {
      NamedTensors copies;
      for (const auto& [name, tensor] : arguments) copies.set(name, tensor.clone());
      output_is_complex_ = subject_->forward(copies).is_complex();
    }
    return *output_is_complex_ ? to_complex(grad_output) : grad_output;
  }

  std::set<std::string> complex_;
  NamedTensors parameters_, inputs_;
  mutable std::optional<bool> output_is_complex_;
};

}  // namespace

std::unique_ptr<Subject> in_real_pairs(std::unique_ptr<Subject> subject) {
  bool any = false;
  for (const NamedTensors* tensors : {&subject->inputs(), &subject->parameters()})
    for (const auto& [name, tensor] : *tensors) {
      any = any || tensor.is_complex();
      if (tensor.scalar_type() == at::kComplexHalf)
        throw SubjectError(std::nullopt,
                           fmt::format("'{}' is complex in half precision, in which LibTorch "
                                       "cannot compute: take complex64 or complex128",
                                       name));
    }
  if (!any) return subject;
  return std::make_unique<ComplexSubject>(std::move(subject));
}

}  // namespace gradient_check
