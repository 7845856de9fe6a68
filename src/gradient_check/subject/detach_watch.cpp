#include "gradient_check/subject/detach_watch.h"

#include <ATen/core/LegacyTypeDispatch.h>
#include <torch/library.h>

namespace gradient_check {
namespace {

/// A key that nothing else of LibTorch's uses, above autograd's: only detach has a kernel for it.
constexpr auto detach_key = c10::DispatchKey::TESTING_ONLY_GenericWrapper;

thread_local DetachWatch* watching_here = nullptr;  ///< the kernels are plain functions

bool is_below_autograd() {
  return c10::impl::tls_local_dispatch_key_set().excluded_.has_any(c10::autograd_dispatch_keyset);
}

at::Tensor watched_detach(const at::Tensor& self) {
  const c10::impl::ExcludeDispatchKeyGuard below(detach_key);
  if (!watching_here || is_below_autograd()) return self.detach();
  return watching_here->detached(self, false);
}

/// A value in memory of its own becomes the tensor's, and the views of it keep what they have: what
/// detach_() does not cut either.
at::Tensor& watched_detach_in_place(at::Tensor& self) {
  const c10::impl::ExcludeDispatchKeyGuard below(detach_key);
  if (watching_here && !is_below_autograd()) {
    const at::Tensor value = watching_here->detached(self, true);
    if (value.has_storage() && !value.is_alias_of(self)) self.set_data(value);
  }
  return self.detach_();
}

TORCH_LIBRARY_IMPL(_, TESTING_ONLY_GenericWrapper, library) {
  library.fallback(torch::CppFunction::makeFallthrough());
}

TORCH_LIBRARY_IMPL(aten, TESTING_ONLY_GenericWrapper, library) {
  library.impl("detach", TORCH_FN(watched_detach));
  library.impl("detach_", TORCH_FN(watched_detach_in_place));
}

}  // namespace

DetachWatch::DetachWatch() : previous_(watching_here), guard_(detach_key) { watching_here = this; }

DetachWatch::~DetachWatch() { watching_here = previous_; }

DetachUnwatched::DetachUnwatched() : guard_(detach_key) {}

}  // namespace gradient_check
