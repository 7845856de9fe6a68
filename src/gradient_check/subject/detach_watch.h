#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

namespace gradient_check {

/// While it lives, it is asked what every detach() and detach_() gives that a forward calls on this
/// thread. Those that an operator calls below autograd are left alone: they cut nothing. Other
/// operations cost nothing more.
class DetachWatch {
 public:
  DetachWatch();
  virtual ~DetachWatch();
  DetachWatch(const DetachWatch&) = delete;
  DetachWatch& operator=(const DetachWatch&) = delete;

  /// What detaching that tensor gives: `self.detach()`, which is not watched here, or a tensor of
  /// the same shape in memory of its own.
  virtual at::Tensor detached(const at::Tensor& self, bool in_place) = 0;

 private:
  DetachWatch* previous_;
  c10::impl::IncludeDispatchKeyGuard guard_;
};

/// While it lives, no detach() of this thread is watched: our own code calls it.
class DetachUnwatched {
 public:
  DetachUnwatched();

 private:
  c10::impl::ExcludeDispatchKeyGuard guard_;
};

}  // namespace gradient_check
