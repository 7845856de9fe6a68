#include "gradient_check/gradient/undetached.h"

#include <ATen/ops/alias.h>

#include "gradient_check/subject/delegating_subject.h"
#include "gradient_check/subject/detach_watch.h"

namespace gradient_check {
namespace {

/// While it lives, those calls of detach() detach nothing.
class DetachOmission : public DetachWatch {
 public:
  explicit DetachOmission(const std::set<std::size_t>& calls) : calls_(calls) {}
  at::Tensor detached(const at::Tensor& self, bool in_place) override {
    const bool omitted = calls_.count(next_++) > 0;
    return omitted && !in_place ? at::alias(self) : self.detach();
  }

 private:
  const std::set<std::size_t>& calls_;
  std::size_t next_ = 0;
};

class UndetachedSubject : public DelegatingSubject {
 public:
  UndetachedSubject(const Subject& subject, const std::set<std::size_t>& calls)
      : DelegatingSubject(subject), calls_(calls) {}
  at::Tensor forward(const NamedTensors& values) const override {
    DetachOmission omission(calls_);
    return subject_.forward(values);
  }

 private:
  const std::set<std::size_t>& calls_;
};

}  // namespace

std::optional<Evaluation> autograd_undetached(const Evaluations& evaluations,
                                              const std::set<std::size_t>& calls) {
  seed_generator(evaluations.seed);
  try {
    return run_autograd(UndetachedSubject(evaluations.subject, calls), clone(evaluations.values),
                        evaluations.targets, evaluations.cotangent, at::kDouble);
  } catch (const std::exception&) {
    return std::nullopt;  // it writes into what it detached
  }
}

}  // namespace gradient_check
