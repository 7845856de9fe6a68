#include "gradient_check/gradient/line.h"

#include <ATen/ops/empty_like.h>

#include <algorithm>

#include "gradient_check/gradient/parallel.h"

namespace gradient_check {

void move_run(double* to, const at::Tensor& x, const LineStep& step, double t, std::int64_t first,
              std::int64_t count) {
  const double* const from = x.data_ptr<double>() + first;
  const float* const direction = step.direction.data_ptr<float>();
  const double scale = t * step.scale;
  // The part of [0, count) that moves.
  const std::int64_t start = std::clamp(step.first - first, std::int64_t{0}, count);
  const std::int64_t end = std::clamp(step.first + step.direction.numel() - first, start, count);
  std::copy(from, from + start, to);
  const std::int64_t ahead = first - step.first;
  for (std::int64_t i = start; i < end; ++i)
    to[i] = from[i] + scale * static_cast<double>(direction[ahead + i]);
  std::copy(from + end, from + count, to + end);
}

at::Tensor moved(const at::Tensor& x, const LineStep& step, double t) {
  constexpr std::int64_t run = 1 << 16;
  at::Tensor result = at::empty_like(x);
  auto* const to = result.data_ptr<double>();
  parallel_items((x.numel() + run - 1) / run, 1, [&](std::size_t, std::int64_t item) {
    const std::int64_t first = item * run;
    move_run(to + first, x, step, t, first, std::min(run, x.numel() - first));
  });
  return result;
}

}  // namespace gradient_check
