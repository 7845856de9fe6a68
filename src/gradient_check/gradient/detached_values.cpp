#include "gradient_check/gradient/detached_values.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "gradient_check/subject/evaluation_scope.h"

namespace gradient_check {
namespace {

/// Whether autograd would have gone on through that tensor.
bool cuts_at(const at::Tensor& tensor) {
  return at::GradMode::is_enabled() && tensor.requires_grad();
}

class DetachRecorder : public DetachWatch {
 public:
  explicit DetachRecorder(const Subject& subject) : subject_(subject) {}
  at::Tensor detached(const at::Tensor& self, bool in_place) override {
    at::Tensor given = self.detach();
    DetachedValue& call = values_.calls.emplace_back();
    call.in_place = in_place;
    call.held = cuts_at(self);
    if (!call.held) return given;
    call.value = given.clone();
    call.where = subject_.running_place();
    return given;
  }
  DetachedValues take() { return std::move(values_); }

 private:
  const Subject& subject_;
  DetachedValues values_;
};

}  // namespace

bool DetachedValues::any_in_place() const {
  return std::any_of(calls.begin(), calls.end(),
                     [](const DetachedValue& call) { return call.in_place; });
}

at::Tensor DetachCounter::detached(const at::Tensor& self, bool /*in_place*/) {
  if (cuts_at(self)) ++cuts_;
  return self.detach();
}

std::shared_ptr<const DetachedValues> record_detached(const Subject& subject,
                                                      const NamedTensors& values,
                                                      const std::vector<std::string>& targets) {
  const EvaluationScope scope(at::kDouble, true);
  NamedTensors arguments;
  for (const auto& [name, tensor] : values) {
    at::Tensor copy = tensor.detach().clone();
    // No leaf: a forward may work in place.
    if (std::find(targets.begin(), targets.end(), name) != targets.end())
      copy = copy.requires_grad_().clone();
    arguments.set(name, copy);
  }
  DetachRecorder recorder(subject);
  subject.forward(arguments);
  return std::make_shared<const DetachedValues>(recorder.take());
}

/// A copy, which the forward may write into.
at::Tensor DetachHold::detached(const at::Tensor& self, bool in_place) {
  if (next_ >= values_.calls.size()) throw OtherDetaches();
  const DetachedValue& known = values_.calls[next_++];
  if (known.in_place != in_place) throw OtherDetaches();
  if (!known.held) return self.detach();
  if (known.value.sizes() != self.sizes() || known.value.scalar_type() != self.scalar_type())
    throw OtherDetaches();
  return known.value.clone();
}

void DetachHold::expect_all() const {
  if (next_ != values_.calls.size()) throw OtherDetaches();
}

}  // namespace gradient_check
