#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "gradient_check/subject/detach_watch.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// One call of detach() or detach_() in a forward.
struct DetachedValue {
  at::Tensor value;  ///< a copy of what it gave; undefined where it cut nothing
  std::optional<RunningPlace> where;
  bool in_place = false;
  bool held = false;  ///< whether another evaluation gets that value again
};

/// What a forward detaches at a point, in the order of its calls. Autograd takes it for constant;
/// a difference that is to be compared with autograd has to hold it.
struct DetachedValues {
  std::vector<DetachedValue> calls;

  bool any_in_place() const;
};

/// Counts the calls that cut a graph, while it lives: of what autograd would have differentiated.
class DetachCounter : public DetachWatch {
 public:
  at::Tensor detached(const at::Tensor& self, bool in_place) override;
  std::size_t cuts() const { return cuts_; }

 private:
  std::size_t cuts_ = 0;
};

/// Runs the forward once at `values`, differentiable by those named `targets`; all that it detaches
/// of what depends on them is held. A call inside a custom function's own forward is not: its
/// backward may stand for what flows there.
std::shared_ptr<const DetachedValues> record_detached(const Subject& subject,
                                                      const NamedTensors& values,
                                                      const std::vector<std::string>& targets);

/// The forward detaches other values than it did at the point: it takes another way.
class OtherDetaches : public std::runtime_error {
 public:
  OtherDetaches() : std::runtime_error("the forward detaches other values than at the point") {}
};

/// While it lives, detach() gives what it gave at the point, where that is held.
class DetachHold : public DetachWatch {
 public:
  /// `values` outlives this.
  explicit DetachHold(const DetachedValues& values) : values_(values) {}
  /// Throws OtherDetaches where this call does not fit the recorded one.
  at::Tensor detached(const at::Tensor& self, bool in_place) override;
  /// Throws OtherDetaches where fewer calls were made than at the point.
  void expect_all() const;

 private:
  const DetachedValues& values_;
  std::size_t next_ = 0;
};

}  // namespace gradient_check
