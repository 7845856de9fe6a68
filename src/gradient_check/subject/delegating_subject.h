#pragma once

#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// A subject that is another one but for what is overridden. Refers to it.
class DelegatingSubject : public Subject {
 public:
  explicit DelegatingSubject(const Subject& subject) : subject_(subject) {}
  const NamedTensors& parameters() const override { return subject_.parameters(); }
  const NamedTensors& inputs() const override { return subject_.inputs(); }
  at::Tensor forward(const NamedTensors& values) const override { return subject_.forward(values); }
  bool has_manual() const override { return subject_.has_manual(); }
  bool takes_grad_output() const override { return subject_.takes_grad_output(); }
  ManualResult manual(const NamedTensors& values, const at::Tensor& grad_output) const override {
    return subject_.manual(values, grad_output);
  }
  bool is_complex(const std::string& name) const override { return subject_.is_complex(name); }
  std::optional<RunningPlace> running_place() const override { return subject_.running_place(); }

 protected:
  const Subject& subject_;
};

}  // namespace gradient_check
