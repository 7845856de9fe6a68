#include "gradient_check/gradient/parallel.h"

#include <ATen/Parallel.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/grad_mode.h>
#include <dlfcn.h>

#include <algorithm>
#include <atomic>

namespace gradient_check {
namespace {

/// While it lives, OpenBLAS, where that is the BLAS in use, starts no threads of its own: two
/// products at once would wait for one another.
class SingleThreadedBlas {
 public:
  SingleThreadedBlas() {
    set_ = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
    const auto get = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "openblas_get_num_threads"));
    if (!set_ || !get) return;
    previous_ = get();
    set_(1);
  }
  ~SingleThreadedBlas() {
    if (previous_ > 0) set_(previous_);
  }
  SingleThreadedBlas(const SingleThreadedBlas&) = delete;
  SingleThreadedBlas& operator=(const SingleThreadedBlas&) = delete;

 private:
  void (*set_)(int) = nullptr;
  int previous_ = 0;
};

}  // namespace

std::size_t worker_count() { return static_cast<std::size_t>(at::get_num_threads()); }

void parallel_items(std::int64_t count, std::int64_t chunk,
                    const std::function<void(std::size_t, std::int64_t)>& body) {
  const auto workers =
      std::min(static_cast<std::int64_t>(worker_count()), (count + chunk - 1) / chunk);
  std::atomic<std::int64_t> next{0};
  const auto work = [&](std::int64_t worker) {
    const at::NoGradGuard no_grad;
    for (std::int64_t first = next.fetch_add(chunk); first < count; first = next.fetch_add(chunk))
      for (std::int64_t item = first; item < std::min(count, first + chunk); ++item)
        body(static_cast<std::size_t>(worker), item);
  };
  if (workers <= 1) {
    work(0);
    return;
  }
  const SingleThreadedBlas blas;
  at::parallel_for(0, workers, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t worker = begin; worker < end; ++worker) work(worker);
  });
}

}  // namespace gradient_check
