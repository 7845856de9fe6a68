#pragma once

#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// A subject that another one is evaluated through: it owns that one, and passes on whatever does
/// not depend on the tensors it is given. What a derived class converts on the way in and out are
/// the tensors.
class WrappingSubject : public Subject {
 public:
  explicit WrappingSubject(std::unique_ptr<Subject> subject) : subject_(std::move(subject)) {}

  bool has_manual() const override { return subject_->has_manual(); }
  bool takes_grad_output() const override { return subject_->takes_grad_output(); }
  bool is_complex(const std::string& name) const override { return subject_->is_complex(name); }
  std::optional<std::string> why_not_differentiable() const override {
    return subject_->why_not_differentiable();
  }
  bool pure() const override { return subject_->pure(); }
  std::optional<Place> gradient_place(const std::string& name) const override {
    return subject_->gradient_place(name);
  }
  std::optional<Place> write_place(const std::string& name) const override {
    return subject_->write_place(name);
  }
  std::optional<Place> forward_place() const override { return subject_->forward_place(); }
  std::optional<Place> function_place(const std::string& function) const override {
    return subject_->function_place(function);
  }
  std::optional<RunningPlace> running_place() const override { return subject_->running_place(); }
  bool has_hvp() const override { return subject_->has_hvp(); }
  bool has_jvp() const override { return subject_->has_jvp(); }
  bool takes_tangent(const std::string& function, const std::string& name) const override {
    return subject_->takes_tangent(function, name);
  }

 protected:
  std::unique_ptr<Subject> subject_;
};

}  // namespace gradient_check
