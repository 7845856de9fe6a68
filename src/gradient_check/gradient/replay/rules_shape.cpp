#include <ATen/TensorOperators.h>

#include <algorithm>

#include "gradient_check/gradient/replay/rules.h"

namespace gradient_check {
namespace {

std::int64_t counted_from_0(std::int64_t dim, std::int64_t rank) {
  return dim < 0 ? dim + rank : dim;
}

Patch with_swapped(const Patch& patch, std::int64_t a, std::int64_t b) {
  Patch swapped{patch.content.transpose(a, b), patch.start,
                patch.complete.defined() ? patch.complete.transpose(a, b) : at::Tensor()};
  std::swap(swapped.start[static_cast<std::size_t>(a)], swapped.start[static_cast<std::size_t>(b)]);
  return swapped;
}

std::int64_t product(const at::DimVector& sizes, std::size_t from, std::size_t to) {
  std::int64_t product = 1;
  for (std::size_t d = from; d < to; ++d) product *= sizes[d];
  return product;
}

/// Row-major elements [first, last] of a box, where the box is one run of them; else nothing.
std::optional<std::pair<std::int64_t, std::int64_t>> run_of(const Box& box,
                                                            const at::DimVector& sizes,
                                                            std::size_t from, std::size_t to) {
  std::int64_t first = 0, count = 1;
  bool partial = false;
  for (std::size_t d = from; d < to; ++d) {
    first = first * sizes[d] + box.start[d];
    if (partial && box.sizes[d] != sizes[d]) return std::nullopt;
    partial = partial || box.sizes[d] > 1;
    count *= box.sizes[d];
  }
  return std::pair{first, first + count - 1};
}

/// The run of elements as a box of dimensions [from, to) of `sizes`, where it is one.
bool write_run(std::pair<std::int64_t, std::int64_t> run, const at::DimVector& sizes,
               std::size_t from, std::size_t to, Box& box) {
  std::int64_t count = 1;
  bool partial = false;
  for (std::size_t d = from; d < to; ++d) {
    const std::int64_t inner = product(sizes, d + 1, to);
    const std::int64_t low = run.first / inner % sizes[d], high = run.second / inner % sizes[d];
    if (high < low || (partial && high - low + 1 != sizes[d])) return false;
    partial = partial || high > low;
    box.start[d] = low;
    box.sizes[d] = high - low + 1;
    count *= box.sizes[d];
  }
  return count == run.second - run.first + 1;
}

/// A box of a tensor of shape `from` as a box of the same elements in shape `to`: dimensions are
/// taken in the shortest groups of equal size.
std::optional<Box> reshaped(const Box& box, const at::DimVector& from, const at::DimVector& to) {
  Box out{at::DimVector(to.size(), 0), at::DimVector(to.size(), 1)};
  std::size_t i = 0, j = 0;
  while (i < from.size() || j < to.size()) {
    const std::size_t i0 = i, j0 = j;
    std::int64_t left = i < from.size() ? from[i++] : 1, right = j < to.size() ? to[j++] : 1;
    while (left != right) {
      if (left < right) {
        if (i == from.size()) return std::nullopt;
        left *= from[i++];
      } else {
        if (j == to.size()) return std::nullopt;
        right *= to[j++];
      }
    }
    const auto run = run_of(box, from, i0, i);
    if (!run || !write_run(*run, to, j0, j, out)) return std::nullopt;
  }
  return out;
}

}  // namespace

std::optional<Patch> replay_t(const ReplayedCall& call) {
  const Patch& patch = call.patch(0);
  return patch.content.dim() == 2 ? std::optional(with_swapped(patch, 0, 1)) : std::nullopt;
}

std::optional<Patch> replay_transpose(const ReplayedCall& call) {
  const std::int64_t rank = call.result().dim();
  if (rank == 0 || !call.argument(1).isInt()) return std::nullopt;
  return with_swapped(call.patch(0), counted_from_0(call.argument(1).toInt(), rank),
                      counted_from_0(call.argument(2).toInt(), rank));
}

std::optional<Patch> replay_permute(const ReplayedCall& call) {
  const Patch& patch = call.patch(0);
  const std::vector<std::int64_t> order = call.argument(1).toIntVector();
  Patch permuted{patch.content.permute(order), patch.start,
                 patch.complete.defined() ? patch.complete.permute(order) : at::Tensor()};
  for (std::size_t d = 0; d < order.size(); ++d)
    permuted.start[d] =
        patch.start[static_cast<std::size_t>(counted_from_0(order[d], call.result().dim()))];
  return permuted;
}

std::optional<Patch> replay_unsqueeze(const ReplayedCall& call) {
  const Patch& patch = call.patch(0);
  const std::int64_t dim = counted_from_0(call.argument(1).toInt(), call.result().dim());
  Patch wider{patch.content.unsqueeze(dim), patch.start,
              patch.complete.defined() ? patch.complete.unsqueeze(dim) : at::Tensor()};
  wider.start.insert(wider.start.begin() + dim, 0);
  return wider;
}

std::optional<Patch> replay_select(const ReplayedCall& call) {
  if (!call.argument(1).isInt() || !call.argument(2).isInt()) return std::nullopt;
  const Patch& patch = call.patch(0);
  const at::Tensor& input = call.recorded(0);
  const std::int64_t dim = counted_from_0(call.argument(1).toInt(), input.dim());
  const std::int64_t index = counted_from_0(call.argument(2).toInt(), input.size(dim));
  const std::int64_t in_box = index - patch.start[static_cast<std::size_t>(dim)];
  if (in_box < 0 || in_box >= patch.content.size(dim)) return Patch{};
  Patch part{patch.content.select(dim, in_box), patch.start,
             patch.complete.defined() ? patch.complete.select(dim, index) : at::Tensor()};
  part.start.erase(part.start.begin() + dim);
  return part;
}

std::optional<Patch> replay_reshape(const ReplayedCall& call) {
  const Patch& patch = call.patch(0);
  const at::Tensor& input = call.recorded(0);
  if (input.numel() == 0) return std::nullopt;
  const auto box =
      reshaped(patch.box(), at::DimVector(input.sizes()), at::DimVector(call.result().sizes()));
  if (!box) return std::nullopt;
  return Patch{patch.content.reshape(box->sizes), box->start, {}};
}

}  // namespace gradient_check
