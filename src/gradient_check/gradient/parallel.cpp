#include "gradient_check/gradient/parallel.h"

#include <ATen/Parallel.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/grad_mode.h>
#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "gradient_check/gradient/thread_count.h"
#include "gradient_check/subject/quiet.h"
#include "gradient_check/subject/reduced_precision.h"

namespace gradient_check {
namespace {

/// While it lives, LibTorch and OpenBLAS, where that is the BLAS in use, work in the thread that
/// calls them: their own threads would wait for one another.
class SingleThreadedOperators {
 public:
  SingleThreadedOperators()
      : libtorch_(at::get_num_threads()),
        set_blas_(reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) {
    set_operator_threads(1);
    const auto get = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "openblas_get_num_threads"));
    if (!set_blas_ || !get) return;
    blas_ = get();
    set_blas_(1);
  }
  ~SingleThreadedOperators() {
    set_operator_threads(libtorch_);
    if (blas_ > 0) set_blas_(blas_);
  }
  SingleThreadedOperators(const SingleThreadedOperators&) = delete;
  SingleThreadedOperators& operator=(const SingleThreadedOperators&) = delete;

 private:
  using SetThreads = void (*)(int);
  int libtorch_;
  SetThreads set_blas_;
  int blas_ = 0;
};

}  // namespace

void set_operator_threads(int count) {
  if (at::get_num_threads() == count) return;
  try {
    at::set_num_threads(count);
  } catch (const std::exception&) {
    // Where there is no /proc LibTorch 1.13 cannot make a thread pool that we do not use; its
    // operators have been told by then.
  }
}

void parallel_items(std::int64_t count, std::int64_t chunk,
                    const std::function<void(std::size_t, std::int64_t)>& body) {
  const auto workers =
      std::min(thread_count(), static_cast<std::size_t>((count + chunk - 1) / chunk));
  const SingleThreadedOperators single_threaded;
  std::atomic<std::int64_t> next{0};
  const bool reduced = ReducedPrecisionFallback::is_active();
  const auto work = [&](std::size_t worker) {
    const at::NoGradGuard no_grad;
    const at::AutoDispatchBelowADInplaceOrView below_autograd;
    const QuietWarnings quiet;
    const ReducedPrecisionFallback fallback(reduced);
    for (std::int64_t first = next.fetch_add(chunk); first < count; first = next.fetch_add(chunk))
      for (std::int64_t item = first; item < std::min(count, first + chunk); ++item)
        body(worker, item);
  };
  std::vector<std::jthread> others;
  for (std::size_t worker = 1; worker < workers; ++worker) others.emplace_back(work, worker);
  work(0);
}

}  // namespace gradient_check
