#include "gradient_check/subject/recorded_subject.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "gradient_check/subject/wrapping_subject.h"

namespace gradient_check {
namespace {

class RecordedSubject : public WrappingSubject {
 public:
  RecordedSubject(std::unique_ptr<Subject> subject, const RecordedGradients& gradients,
                  at::ScalarType dtype)
      : WrappingSubject(std::move(subject)),
        gradients_(gradients.tensors),
        place_{gradients.position.file, gradients.position.line, gradients.position.column, 1, ""},
        dtype_(dtype) {}

  const NamedTensors& parameters() const override { return subject_->parameters(); }
  const NamedTensors& inputs() const override { return subject_->inputs(); }
  at::Tensor forward(const NamedTensors& values) const override {
    return subject_->forward(values);
  }
  bool has_manual() const override { return true; }
  bool takes_grad_output() const override { return false; }

  ManualResult manual(const NamedTensors& values,
                      const at::Tensor& /*grad_output*/) const override {
    for (const auto& [name, tensor] : values)
      if (tensor.is_floating_point() && tensor.scalar_type() != dtype_)
        throw SubjectError(place_, "gradients were recorded in the case's dtype alone");
    const at::Tensor output = subject_->forward(values);
    if (output.numel() != 1)
      throw SubjectError(forward_place(),
                         fmt::format("recorded gradients are those of a loss, one number; the "
                                     "forward returns the shape [{}]",
                                     fmt::join(output.sizes(), ", ")));
    return {output, gradients_};
  }
  std::optional<Place> gradient_place(const std::string& /*name*/) const override { return place_; }
  bool has_hvp() const override { return false; }
  bool has_jvp() const override { return false; }

 private:
  NamedTensors gradients_;
  Place place_;
  at::ScalarType dtype_;
};

}  // namespace

std::unique_ptr<Subject> with_recorded_gradients(std::unique_ptr<Subject> subject,
                                                 const RecordedGradients& gradients,
                                                 at::ScalarType dtype) {
  return std::make_unique<RecordedSubject>(std::move(subject), gradients, dtype);
}

}  // namespace gradient_check
