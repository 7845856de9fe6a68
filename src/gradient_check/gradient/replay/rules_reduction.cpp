#include <ATen/TensorOperators.h>
#include <ATen/ops/scalar_tensor.h>

#include <algorithm>
#include <numeric>

#include "gradient_check/gradient/replay/rules.h"

namespace gradient_check {
namespace {

/// sum(self, *, dtype), sum(self, dim, keepdim, *, dtype), and mean in the same forms.
struct Reduction {
  std::vector<std::int64_t> dims;  ///< reduced, counted from 0
  bool keeps_dims = false;
};

std::optional<Reduction> reduction_of(const ReplayedCall& call) {
  const std::int64_t rank = call.recorded(0).dim();
  Reduction reduction;
  if (!call.argument(call.arguments() - 1).isNone()) return std::nullopt;  // another dtype
  if (call.arguments() == 4) {
    if (!call.argument(2).isBool()) return std::nullopt;
    reduction.keeps_dims = call.argument(2).toBool();
    if (call.argument(1).isIntList())
      for (const std::int64_t dim : call.argument(1).toIntVector())
        reduction.dims.push_back(dim < 0 ? dim + rank : dim);
    else if (!call.argument(1).isNone())
      return std::nullopt;
  } else if (call.arguments() != 2) {
    return std::nullopt;
  }
  if (reduction.dims.empty())
    for (std::int64_t d = 0; d < rank; ++d) reduction.dims.push_back(d);
  return reduction;
}

/// Σ of a few float64 numbers, where that is all the result: to call an operator costs more.
std::optional<double> small_total(const at::Tensor& content, const at::Tensor& result) {
  constexpr std::int64_t few = 1024;
  if (result.dim() > 0 || content.numel() > few || content.scalar_type() != at::kDouble ||
      !content.is_contiguous())
    return std::nullopt;
  const double* const data = content.data_ptr<double>();
  return std::accumulate(data, data + content.numel(), 0.0);
}

std::optional<Patch> moved_reduction(const ReplayedCall& call, bool mean) {
  const auto reduction = reduction_of(call);
  if (!reduction) return std::nullopt;
  const at::Tensor &input = call.recorded(0), &result = call.result();
  const Patch& patch = call.patch(0);
  const Box box = patch.box();
  if (input.scalar_type() != result.scalar_type()) return std::nullopt;
  Box kept;
  double count = 1;
  for (std::size_t d = 0; d < box.start.size(); ++d) {
    const auto dim = static_cast<std::int64_t>(d);
    const bool reduced =
        std::find(reduction->dims.begin(), reduction->dims.end(), dim) != reduction->dims.end();
    if (reduced) count *= static_cast<double>(input.size(dim));
    if (reduced && !reduction->keeps_dims) continue;
    kept.start.push_back(reduced ? 0 : box.start[d]);
    kept.sizes.push_back(reduced ? 1 : box.sizes[d]);
  }
  if (covers(box, input)) {
    if (const auto total = small_total(patch.content, result))
      return whole_patch(at::scalar_tensor(mean ? *total / count : *total, at::kDouble));
    at::Tensor total = patch.content.sum(reduction->dims, reduction->keeps_dims);
    return whole_patch(mean ? total.div_(count) : total);
  }
  at::Tensor change =
      (patch.content - view_of(input, box)).sum(reduction->dims, reduction->keeps_dims);
  if (mean) change.div_(count);
  return Patch{view_of(result, kept) + change, kept.start, {}};
}

}  // namespace

std::optional<Patch> replay_sum(const ReplayedCall& call) { return moved_reduction(call, false); }
std::optional<Patch> replay_mean(const ReplayedCall& call) { return moved_reduction(call, true); }

}  // namespace gradient_check
